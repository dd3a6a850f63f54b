// A member's client, driven by JSON lines: {"id", "do", "as", …} in, {"id", "done"} or {"id", "failed"} out.
// `as` names one of several clients (devices) in this process. See ../members.py for the other end.

import { createInterface } from "node:readline";

// What the SDK logs must not get between the answers.
for (const name of ["log", "info", "debug", "trace", "warn", "error"]) console[name] = () => {};

const sdk = await import("matrix-js-sdk");
const { OnlySignedDevicesIsolationMode, VerificationPhase, VerifierEvent } = await import("matrix-js-sdk/lib/crypto-api/index.js");

const PATIENCE = 110_000; // milliseconds; below that of the tests, so that its own error is seen
const clients = {};
const wasHeld = {}; // client -> calls that pass on room keys, and whether they are held back

const actions = {
    async login({ as, url, user, password, strict = false }) {
        const login = await sdk.createClient({ baseUrl: url }).loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user },
            password,
        });
        const client = sdk.createClient({
            baseUrl: url,
            userId: login.user_id,
            deviceId: login.device_id,
            accessToken: login.access_token,
            fetchFn: (address, options) => passed(as, address, options),
        });
        clients[as] = client;
        wasHeld[as] = { holding: false, calls: [] };
        await client.initRustCrypto({ useIndexedDB: false });
        if (strict) await keepToSigned(client.getCrypto());
        const ready = new Promise((done) =>
            client.on(sdk.ClientEvent.Sync, (state) => state === "PREPARED" && done()),
        );
        await client.startClient({ initialSyncLimit: 50 });
        await ready;
        return { device: login.device_id };
    },

    async stop({ as }) {
        clients[as].stopClient();
        delete clients[as];
        delete wasHeld[as];
    },

    async join({ as, room }) {
        await clients[as].joinRoom(room);
        await until(() => clients[as].getRoom(room)?.hasEncryptionStateEvent());
    },

    // A room of two with a user, who has come in.
    async direct({ as, user, encrypted }) {
        const state = encrypted ? [{ type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" } }] : [];
        const settings = { preset: "trusted_private_chat", is_direct: true, invite: [user], initial_state: state };
        const { room_id: room } = await clients[as].createRoom(settings);
        await until(() => clients[as].getRoom(room)?.getMember(user)?.membership === "join");
        return room;
    },

    async say({ as, room, text }) {
        return (await clients[as].sendMessage(room, words(text))).event_id;
    },

    async edit({ as, room, event, text }) {
        const relates = { "m.new_content": words(text), "m.relates_to": { rel_type: "m.replace", event_id: event } };
        return (await clients[as].sendMessage(room, { ...words(`* ${text}`), ...relates })).event_id;
    },

    async redact({ as, room, event }) {
        return (await clients[as].redactEvent(room, event)).event_id;
    },

    async react({ as, room, to, key }) {
        const relates = { rel_type: "m.annotation", event_id: to, key };
        return (await clients[as].sendEvent(room, "m.reaction", { "m.relates_to": relates })).event_id;
    },

    // The message that answers `to` (or has these words of `sender`), once it is decrypted.
    async reply({ as, room, to, sender, words = "" }) {
        const wanted = (event) =>
            event.getType() === "m.room.message" &&
            !event.isDecryptionFailure() &&
            (to
                ? event.getWireContent()["m.relates_to"]?.["m.in_reply_to"]?.event_id === to
                : event.getSender() === sender && event.getContent().body?.includes(words));
        const found = await event(as, room, wanted);
        return { id: found.getId(), encrypted: found.isEncrypted(), content: found.getContent() };
    },

    // The event of this id, once it is decrypted; `m.relates_to` stands outside of what is encrypted.
    async event({ as, room, event: id }) {
        const wanted = (event) =>
            event.getId() === id && !event.isBeingDecrypted() && !event.isDecryptionFailure() &&
            event.getType() !== "m.room.encrypted";
        const found = await event(as, room, wanted);
        const relates = found.getWireContent()["m.relates_to"];
        return { type: found.getType(), content: { ...found.getContent(), ...(relates && { "m.relates_to": relates }) } };
    },

    // How far this client trusts each device of a user.
    async trust({ as, user }) {
        const crypto = clients[as].getCrypto();
        const devices = (await crypto.getUserDeviceInfo([user], true)).get(user) ?? new Map();
        const status = (id) => crypto.getDeviceVerificationStatus(user, id);
        const rows = [...devices.keys()].map(async (id) => [id, (await status(id))?.signedByOwner ?? false]);
        return Object.fromEntries(await Promise.all(rows));
    },

    // Verify a user as Element does with « Vérifier »: in the room of two with them; or one device of theirs. The person
    // compares: `emojis` is what they see, once they have said yes (or `deny`: no).
    async verify({ as, user, room, device, deny = false }) {
        const crypto = clients[as].getCrypto();
        await crypto.getUserDeviceInfo([user], true);
        const request = await (room
            ? crypto.requestVerificationDM(user, room)
            : crypto.requestDeviceVerification(user, device));
        await until(() => request.phase >= VerificationPhase.Ready);
        const verifier = await request.startVerification("m.sas.v1");
        let emojis = [];
        const compare = (sas) => {
            emojis = sas.sas.emoji.map(([emoji]) => emoji);
            if (deny) sas.mismatch();
            else sas.confirm();
        };
        verifier.on(VerifierEvent.ShowSas, compare);
        const shown = verifier.getShowSasCallbacks(); // the bot may have been faster than the reply to our start
        if (shown) compare(shown);
        const over = verifier.verify().then(() => null, (reason) => String(reason?.message ?? reason));
        const ends = [VerificationPhase.Done, VerificationPhase.Cancelled];
        await until(() => ends.includes(request.phase), () => `the verification is in phase ${request.phase}`);
        const error = await over;
        return { emojis, error, code: request.cancellationCode };
    },

    // Until this client holds the user for verified, or that device of theirs.
    async verified({ as, user, device }) {
        const crypto = clients[as].getCrypto();
        const status = () =>
            device ? crypto.getDeviceVerificationStatus(user, device) : crypto.getUserVerificationStatus(user);
        await until(async () => (await status()).isVerified());
    },

    // From now on room keys stay here; `lose`: for ever.
    async hold({ as, lose = false }) {
        wasHeld[as].holding = true;
        wasHeld[as].losing = lose;
    },

    async release({ as }) {
        const held = wasHeld[as];
        held.holding = false;
        for (const call of held.calls.splice(0)) await call();
    },
};

function words(text) {
    return { msgtype: "m.text", body: text, "m.mentions": {} };
}

async function passed(as, address, options) {
    const held = wasHeld[as];
    if (!held?.holding || !String(address).includes("/sendToDevice/m.room.encrypted/")) return fetch(address, options);
    if (!held.losing) held.calls.push(() => fetch(address, options));
    return new Response("{}", { status: 200, headers: { "Content-Type": "application/json" } });
}

async function event(as, room, wanted) {
    const client = clients[as];
    const timelines = () => client.getRoom(room)?.getUnfilteredTimelineSet().getTimelines() ?? [];
    const threads = () => client.getRoom(room)?.getThreads().map((thread) => thread.events) ?? [];
    const all = () => [...timelines().map((timeline) => timeline.getEvents()), ...threads()].flat();
    await until(
        () => all().some(wanted),
        () => all().map((one) => `${one.getType()} of ${one.getSender()}: ${one.getContent().body}`).join("\n"),
    );
    return all().find(wanted);
}

async function keepToSigned(crypto) {
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (upload) => upload(null) });
    crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
}

async function until(holds, seen = () => "") {
    const deadline = Date.now() + PATIENCE;
    while (!(await holds()) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50));
    if (!(await holds())) throw new Error(`it did not come about; ${seen()}`);
}

for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: name, ...rest } = JSON.parse(line);
    Promise.resolve()
        .then(() => actions[name](rest))
        .then((done) => process.stdout.write(JSON.stringify({ id, done: done ?? null }) + "\n"))
        .catch((error) => process.stdout.write(JSON.stringify({ id, failed: String(error?.stack ?? error) }) + "\n"));
}
process.exit(0);
