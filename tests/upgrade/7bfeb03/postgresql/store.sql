









CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);



CREATE TABLE askings (
    id integer NOT NULL,
    question integer NOT NULL,
    channel text NOT NULL,
    room text NOT NULL,
    event text NOT NULL,
    asker text NOT NULL,
    text text NOT NULL,
    asked timestamp with time zone NOT NULL,
    private boolean NOT NULL,
    told timestamp with time zone
);



CREATE SEQUENCE askings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE askings_id_seq OWNED BY askings.id;



CREATE TABLE drafts (
    number integer NOT NULL,
    kind text NOT NULL,
    question integer,
    content text NOT NULL,
    moderator text NOT NULL,
    made timestamp with time zone NOT NULL,
    state text NOT NULL
);



CREATE TABLE feedback (
    entry text NOT NULL,
    person text NOT NULL,
    value smallint NOT NULL,
    given timestamp with time zone NOT NULL
);



CREATE TABLE forgotten (
    person text NOT NULL,
    since timestamp with time zone NOT NULL
);



CREATE TABLE hushes (
    room text NOT NULL,
    until timestamp with time zone NOT NULL
);



CREATE TABLE journal (
    id integer NOT NULL,
    channel text NOT NULL,
    event text NOT NULL,
    room text NOT NULL,
    kind text NOT NULL,
    relates_to text,
    person text,
    sender text,
    content text,
    sent timestamp with time zone NOT NULL,
    received timestamp with time zone NOT NULL,
    addressed boolean NOT NULL,
    due_at timestamp with time zone,
    done_at timestamp with time zone,
    reason text
);



CREATE SEQUENCE journal_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE journal_id_seq OWNED BY journal.id;



CREATE TABLE links (
    url text NOT NULL,
    state text NOT NULL,
    detail text NOT NULL,
    checked timestamp with time zone NOT NULL,
    moved_to text,
    right_last timestamp with time zone,
    dead_since timestamp with time zone,
    dead_last timestamp with time zone,
    dead_times integer NOT NULL
);



CREATE TABLE memory (
    name text NOT NULL,
    value text NOT NULL
);



CREATE TABLE outbox (
    id integer NOT NULL,
    channel text NOT NULL,
    room text NOT NULL,
    transaction_id text NOT NULL,
    priority smallint NOT NULL,
    purpose text NOT NULL,
    entries text NOT NULL,
    answered text NOT NULL,
    question text,
    asker text,
    overheard boolean NOT NULL,
    replaces text,
    outgoing text,
    made timestamp with time zone NOT NULL,
    not_before timestamp with time zone,
    begun timestamp with time zone,
    attempts integer NOT NULL,
    closed timestamp with time zone,
    reason text,
    event text,
    removed boolean NOT NULL,
    login text,
    number integer,
    private boolean
);



CREATE SEQUENCE outbox_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE outbox_id_seq OWNED BY outbox.id;



CREATE TABLE positions (
    channel text NOT NULL,
    "position" text NOT NULL
);



CREATE TABLE questions (
    number integer NOT NULL,
    opened timestamp with time zone NOT NULL,
    closed timestamp with time zone,
    entry text
);



ALTER TABLE ONLY askings ALTER COLUMN id SET DEFAULT nextval('askings_id_seq'::regclass);



ALTER TABLE ONLY journal ALTER COLUMN id SET DEFAULT nextval('journal_id_seq'::regclass);



ALTER TABLE ONLY outbox ALTER COLUMN id SET DEFAULT nextval('outbox_id_seq'::regclass);



INSERT INTO alembic_version VALUES ('0005');



INSERT INTO askings VALUES (1, 1, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '$mUFHNfW1EhzkrzvZQMfbjrG99YHRSbWNqcsKOhH01yY', 'dd090463063b3e2f4f5bb71fa496136b0f0aeb548eade360bdc9de33069e06ae', 'comment réparer une imprimante Prusa qui fume ?', '2026-11-28 08:45:21.718+00', false, NULL);
INSERT INTO askings VALUES (2, 2, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '$c4ZMawHXhqpVCM8e376RY28NF5YcMMNIUfYXES55-_w', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', 'où est rangé le tournevis cruciforme ?', '2026-11-28 08:45:24.51+00', false, NULL);
INSERT INTO askings VALUES (3, 3, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '$hstOmg95wk3OuEa21sPiKTjHqKYC0D6PY8S3mgswBU4', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', 'qui arrose les tomates du toit ?', '2026-11-28 08:45:26.772+00', false, NULL);
INSERT INTO askings VALUES (4, 2, 'discourse', 'topic/9', '9/1', '654f40a5338ec1bed02c3e49e595e284761d6c3fe3d17c7164ca5eedbfd60ba5', 'Le tournevis, on se le demande

où est rangé le tournevis cruciforme ?', '2026-11-28 08:45:33.95+00', false, NULL);



INSERT INTO drafts VALUES (4, 'add', 3, '{"kind": "add", "id": "qui-arrose-les-tomates-du-toit", "entry": {"id": "qui-arrose-les-tomates-du-toit", "title": "Qui arrose les tomates du toit ?", "questions": ["qui arrose les tomates du toit ?"], "answer": "Dans le tiroir du bas, à l''accueil.", "updated": "2026-11-28", "source": "réponse de l''équipe de modération, 28 novembre 2026, https://matrix.to/#/!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I/$DsMBy3JqBbeDs66JjIzjnOAjoqs66Xad7VyJyW3w1XQ?via=localhost"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null}', '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', '2026-11-28 08:45:29.798037+00', 'open');
INSERT INTO drafts VALUES (5, 'add', NULL, '{"kind": "add", "id": "emprunter-la-malle-robotique", "entry": {"id": "emprunter-la-malle-robotique", "title": "Emprunter la malle robotique", "questions": ["Emprunter la malle robotique"], "answer": "Inscrivez-vous sur le planning.", "links": [{"title": "malle.example", "url": "https://malle.example/"}], "updated": "2026-11-28"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null}', '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', '2026-11-28 08:45:31.109584+00', 'open');



INSERT INTO feedback VALUES ('formation-facilitation', 'dd090463063b3e2f4f5bb71fa496136b0f0aeb548eade360bdc9de33069e06ae', 1, '2026-11-28 08:45:20.557109+00');



INSERT INTO forgotten VALUES ('e23cb1f3a5d16f9a373eff4500f98cdb566d2381c8c3924c860e10a2b3652efc', '2026-11-28 08:45:23.970623+00');



INSERT INTO hushes VALUES ('!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', '2026-11-28 10:45:32.358234+00');



INSERT INTO journal VALUES (1, 'matrix', '$VFxIiPRSolpAePk8JuYRlr-Xhgx6AzfcIHKxhnOjsA4', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'joined', NULL, '97347b95b4903aeeb5fc4c5784929d5e8562a5215ad9c41057a910bbd2956039', NULL, NULL, '2026-11-28 08:45:18.591+00', '2026-11-28 08:45:18.862564+00', false, NULL, '2026-11-28 08:45:18.938994+00', 'introduction');
INSERT INTO journal VALUES (2, 'matrix', '$jpM0N8Pr6VZ9v0Jxjn3K25YiFII5Vy-W68lX_jQx5eI', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:45:19.05+00', '2026-11-28 08:45:19.43531+00', true, NULL, '2026-11-28 08:45:19.517285+00', '0.99 ≥ 0.90');
INSERT INTO journal VALUES (3, 'matrix', '$OsAdAjNXZmDnsrzhXHJDeTLVTeeWSsDxDlDspgsbgFU', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'reaction', '$bOLUA7RtAeFqoo1tq9woIrBUJxNuEyRLqJsP4eIuoBE', 'dd090463063b3e2f4f5bb71fa496136b0f0aeb548eade360bdc9de33069e06ae', NULL, NULL, '2026-11-28 08:45:19.706+00', '2026-11-28 08:45:20.169394+00', false, NULL, '2026-11-28 08:45:20.557109+00', 'liked');
INSERT INTO journal VALUES (4, 'matrix', '$8p-2-H5tJdXL6Y2GHuR__ZSlrsBTNyRB7FkSpoUINAA', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:45:19.834+00', '2026-11-28 08:45:20.169444+00', true, NULL, '2026-11-28 08:45:20.66029+00', '0.74 < 0.90');
INSERT INTO journal VALUES (5, 'matrix', '$mUFHNfW1EhzkrzvZQMfbjrG99YHRSbWNqcsKOhH01yY', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, 'dd090463063b3e2f4f5bb71fa496136b0f0aeb548eade360bdc9de33069e06ae', NULL, NULL, '2026-11-28 08:45:21.718+00', '2026-11-28 08:45:22.085235+00', true, NULL, '2026-11-28 08:45:22.670497+00', '0.31 < 0.50');
INSERT INTO journal VALUES (6, 'matrix', '$S5d93B1UwyIhW2CdqX5-h-DDI-gA3E-U45Ig6C1F5hE', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, NULL, NULL, NULL, '2026-11-28 08:45:23.378+00', '2026-11-28 08:45:23.80579+00', false, NULL, '2026-11-28 08:45:23.970623+00', 'command oublie-moi');
INSERT INTO journal VALUES (7, 'matrix', '$c4ZMawHXhqpVCM8e376RY28NF5YcMMNIUfYXES55-_w', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:45:24.51+00', '2026-11-28 08:45:24.891398+00', true, NULL, '2026-11-28 08:45:25.321267+00', '0.09 < 0.50');
INSERT INTO journal VALUES (8, 'matrix', '$axolAJ22_cbuzejdLeYZAz_y00K3ThIDtVQSbWrLyrs', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', '$c4ZMawHXhqpVCM8e376RY28NF5YcMMNIUfYXES55-_w', '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', NULL, NULL, '2026-11-28 08:45:25.851+00', '2026-11-28 08:45:26.273325+00', false, NULL, '2026-11-28 08:45:26.574382+00', 'an answer that can be kept');
INSERT INTO journal VALUES (9, 'matrix', '$hstOmg95wk3OuEa21sPiKTjHqKYC0D6PY8S3mgswBU4', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:45:26.772+00', '2026-11-28 08:45:27.276726+00', true, NULL, '2026-11-28 08:45:27.791003+00', '0.15 < 0.50');
INSERT INTO journal VALUES (10, 'matrix', '$DsMBy3JqBbeDs66JjIzjnOAjoqs66Xad7VyJyW3w1XQ', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', '$hstOmg95wk3OuEa21sPiKTjHqKYC0D6PY8S3mgswBU4', '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', NULL, NULL, '2026-11-28 08:45:28.327+00', '2026-11-28 08:45:28.645468+00', false, NULL, '2026-11-28 08:45:28.804337+00', 'an answer that can be kept');
INSERT INTO journal VALUES (11, 'matrix', '$hlsimu_sDa-uYzGwdwHYAuWXYG2K1wc3CtiCQgQWYNE', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'reaction', '$DsMBy3JqBbeDs66JjIzjnOAjoqs66Xad7VyJyW3w1XQ', '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', NULL, NULL, '2026-11-28 08:45:29.032+00', '2026-11-28 08:45:29.393465+00', true, NULL, '2026-11-28 08:45:29.798172+00', 'a draft');
INSERT INTO journal VALUES (12, 'matrix', '$C-77VDyXENmdrHfCbWCQStWSY5oH2001PKGgR-IdgZk', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'message', NULL, '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', NULL, NULL, '2026-11-28 08:45:30.51+00', '2026-11-28 08:45:30.737504+00', true, NULL, '2026-11-28 08:45:31.110264+00', 'a draft');
INSERT INTO journal VALUES (13, 'matrix', '$sejeM_nx27Xev6jdLQ-r3ANg71tgQWr-VtTS6KBJZfo', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'message', NULL, '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', NULL, NULL, '2026-11-28 08:45:31.975+00', '2026-11-28 08:45:32.217706+00', false, NULL, '2026-11-28 08:45:32.358501+00', 'command silence');
INSERT INTO journal VALUES (14, 'matrix', '$x7ZhTcqsp-5LexaXlcdztXo9AcqiSAggD24CNPG1lpc', '!DiAGe0Uc76-NrDl4O5RW6LooIU1WJg90_elrYNDVL3g', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:45:32.629+00', '2026-11-28 08:45:33.181777+00', true, NULL, '2026-11-28 08:45:33.521115+00', '0.11 < 0.50');
INSERT INTO journal VALUES (15, 'discourse', '8/1', 'topic/8', 'message', NULL, '654f40a5338ec1bed02c3e49e595e284761d6c3fe3d17c7164ca5eedbfd60ba5', NULL, NULL, '2026-11-28 08:45:33.949+00', '2026-11-28 08:45:34.286841+00', true, NULL, '2026-11-28 08:45:35.023721+00', '0.98 ≥ 0.90');
INSERT INTO journal VALUES (16, 'discourse', '9/1', 'topic/9', 'message', NULL, '654f40a5338ec1bed02c3e49e595e284761d6c3fe3d17c7164ca5eedbfd60ba5', NULL, NULL, '2026-11-28 08:45:33.95+00', '2026-11-28 08:45:34.286877+00', true, NULL, '2026-11-28 08:45:35.266219+00', '0.12 < 0.50');
INSERT INTO journal VALUES (19, 'matrix', '$cEGnIEt7HZ7jD7gumyaJ1sqNYm2X5EMVDYG9HGnkHII', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', '@ana-r1:localhost', '{"content": {"body": "Comment accueillir un volontaire en service civique ?", "msgtype": "m.text"}, "event_id": "$cEGnIEt7HZ7jD7gumyaJ1sqNYm2X5EMVDYG9HGnkHII", "origin_server_ts": 1795855576012, "sender": "@ana-r1:localhost", "type": "m.room.message"}', '2026-11-28 08:46:16.012+00', '2026-11-28 08:46:20.292703+00', false, '2026-11-28 08:46:36.012+00', NULL, 'a person may reply first');
INSERT INTO journal VALUES (20, 'matrix', '$J7LVjlrDv1EF08PIYsgWcQ7w0TNf10idWoj-_4Db660', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:46:16.083+00', '2026-11-28 08:46:20.292732+00', true, NULL, '2026-11-28 08:46:20.926452+00', '0.99 ≥ 0.90');
INSERT INTO journal VALUES (21, 'matrix', '$0KzF8j1x8G1u5qeSvu5yWQCaF1NzSU6T8srvil7nNVY', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', NULL, NULL, '2026-11-28 08:46:21.389+00', '2026-11-28 08:46:21.947637+00', true, NULL, '2026-11-28 08:46:22.129075+00', '0.99 ≥ 0.90');
INSERT INTO journal VALUES (22, 'matrix', '$WfH5nGgtHIyje1AqFRJ6cPabdI-ASLnsQYab3am1_0g', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'message', NULL, '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', '@ana-r1:localhost', '{"content": {"body": "concierge : où trouver une fiche de poste ?", "msgtype": "m.text"}, "event_id": "$WfH5nGgtHIyje1AqFRJ6cPabdI-ASLnsQYab3am1_0g", "origin_server_ts": 1795855582334, "sender": "@ana-r1:localhost", "type": "m.room.message"}', '2026-11-28 08:46:22.334+00', '2026-11-28 08:46:26.693813+00', false, NULL, NULL, NULL);



INSERT INTO links VALUES ('http://site.example:39249/fine', 'right', '200', '2026-11-28 08:46:15.05574+00', NULL, '2026-11-28 08:46:15.05574+00', NULL, NULL, 0);
INSERT INTO links VALUES ('http://site.example:39249/gone', 'dead', '404', '2026-11-28 08:46:15.05574+00', NULL, NULL, '2026-11-28 08:46:15.05574+00', '2026-11-28 08:46:15.05574+00', 1);
INSERT INTO links VALUES ('https://civique.example/', 'unsure', 'ConnectError', '2026-11-28 08:46:15.05574+00', NULL, NULL, NULL, NULL, 0);



INSERT INTO memory VALUES ('store: salt', 'dcde9a9bc369b2eb5356eeb7917f68d964859c106a62f81fd090cf766fd7b3bb');
INSERT INTO memory VALUES ('matrix.session', '{"user": "@concierge-r1:localhost", "device": "DIKIHSYFNS", "token": "syt_Y29uY2llcmdlLXIx_ZpJaIRBopaURockZhucT_0INQy7"}');
INSERT INTO memory VALUES ('matrix.signing @concierge-r1:localhost', 'c32439e884152a4f5dd8874b1a26ea91097ec3b02f1ff24488befe6007364069');
INSERT INTO memory VALUES ('matrix.rooms', '{"!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I": "!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I", "!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA": "!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA"}');
INSERT INTO memory VALUES ('digest: begun', '2026-11-28T08:45:19.296800+00:00');
INSERT INTO memory VALUES ('store: number', '5');
INSERT INTO memory VALUES ('matrix.direct', '{"!DiAGe0Uc76-NrDl4O5RW6LooIU1WJg90_elrYNDVL3g": true}');
INSERT INTO memory VALUES ('topics seen', '[{"title": "Une formation, on se le demande", "url": "http://127.0.0.1:16544/t/-/8/1", "posted": "2026-11-28T08:45:33.949000+00:00"}]');
INSERT INTO memory VALUES ('digest: what stands', '{"digest 2026-W48 matrix !veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I": ["867de90ca257489e", 0, "2026-11-28T08:46:02.005615+00:00", ["$c4ZMawHXhqpVCM8e376RY28NF5YcMMNIUfYXES55-_w", "$mUFHNfW1EhzkrzvZQMfbjrG99YHRSbWNqcsKOhH01yY", "$hstOmg95wk3OuEa21sPiKTjHqKYC0D6PY8S3mgswBU4"]], "digest 2026-W48 discourse annonces": ["a859183b7f11b9b3", 0, "2026-11-28T08:46:02.005615+00:00", ["9/1"]], "digest 2026-W48 matrix work": ["49e37ec52316d9aa", 0, "2026-11-28T08:46:02.005615+00:00", []]}');
INSERT INTO memory VALUES ('discourse.watched', '{"8/1": {"post": 13, "digest": "1fecd551", "begun": 1795855535.33534, "answers": null, "looked": 1795855535.33534, "until": null}, "9/1": {"post": 14, "digest": "18ed4586", "begun": 1795855535.711595, "answers": null, "looked": 1795855535.711595, "until": null}, "8/2": {"post": 15, "digest": null, "begun": 1795855535.33534, "answers": "8/1", "looked": 1795855535.33534, "until": null}, "9/2": {"post": 17, "digest": null, "begun": 1795855535.711595, "answers": "9/1", "looked": 1795855535.711595, "until": null}, "14/1": {"post": 19, "digest": null, "begun": 1795855565.066825, "answers": "", "looked": 1795855565.066825, "until": null}}');
INSERT INTO memory VALUES ('links: next look', '2026-12-05T08:46:15.055740+00:00');
INSERT INTO memory VALUES ('digest: known entries', '{"formation-facilitation": ["931011e936ff22dd", null, null], "fiche-de-poste": ["d22828bd167c89f4", null, null], "service-civique": ["491c17eb98a10f66", null, null]}');



INSERT INTO outbox VALUES (4, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'cb5ffda566cedd68b4c87ae87c845716', 2, 'mark', '[]', '[]', '$8p-2-H5tJdXL6Y2GHuR__ZSlrsBTNyRB7FkSpoUINAA', NULL, false, NULL, NULL, '2026-11-28 08:45:21.140091+00', NULL, '2026-11-28 08:45:21.288468+00', 0, '2026-11-28 08:45:21.523969+00', NULL, '$m1niDw8L1o1ROboonun4z9229lv6AEHbEBsUcs1Sv3w', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (1, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '0da72623dd0e1fbd7e7a00269b1e194c', 0, 'introduction', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:18.938994+00', NULL, '2026-11-28 08:45:18.951072+00', 0, '2026-11-28 08:45:19.0382+00', NULL, '$G5rIVwL8J3XLAtwXXNhzeEAMuNN3u_c1sndD7wKt7Ao', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (8, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '90c648270cc32999ceb5b498c3bdb9fa', 0, 'command', '[]', '[]', '$S5d93B1UwyIhW2CdqX5-h-DDI-gA3E-U45Ig6C1F5hE', 'e23cb1f3a5d16f9a373eff4500f98cdb566d2381c8c3924c860e10a2b3652efc', false, NULL, NULL, '2026-11-28 08:45:23.970623+00', NULL, '2026-11-28 08:45:24.311876+00', 0, '2026-11-28 08:45:24.49259+00', NULL, '$f4hJnCu2Bs6xL4Ty15eu7KBbmrfQnWOeDQnsjWYmXqc', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (2, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'af59bda4abfd045d9b932d34042b08b2', 0, 'answer', '["formation-facilitation"]', '[]', '$jpM0N8Pr6VZ9v0Jxjn3K25YiFII5Vy-W68lX_jQx5eI', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, NULL, '2026-11-28 08:45:19.517285+00', NULL, '2026-11-28 08:45:19.527371+00', 0, '2026-11-28 08:45:19.613078+00', NULL, '$bOLUA7RtAeFqoo1tq9woIrBUJxNuEyRLqJsP4eIuoBE', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (5, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '643156aa4d77833f0b7a48b314f7f16c', 2, 'mark', '[]', '[]', '$8p-2-H5tJdXL6Y2GHuR__ZSlrsBTNyRB7FkSpoUINAA', NULL, false, NULL, NULL, '2026-11-28 08:45:21.140091+00', NULL, '2026-11-28 08:45:21.633841+00', 0, '2026-11-28 08:45:21.738101+00', NULL, '$5Wdat-0kASrK8uwMHFsBoDawsA9kbBjxwXSlo6xBn7U', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (3, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '98aaa807e09c704a20600a58b2df6385', 0, 'suggest', '["formation-facilitation", "fiche-de-poste"]', '[]', '$8p-2-H5tJdXL6Y2GHuR__ZSlrsBTNyRB7FkSpoUINAA', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, NULL, '2026-11-28 08:45:20.66029+00', NULL, '2026-11-28 08:45:20.801951+00', 0, '2026-11-28 08:45:21.140091+00', NULL, '$gaVBxyf_v4sH-G7LJuvqezauedvx9FuZ5TYgtt_Io1U', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (11, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '05aa61e67a2bbbc656c3c9699d0a3e52', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:26.574382+00', NULL, '2026-11-28 08:45:26.637695+00', 0, '2026-11-28 08:45:26.793818+00', NULL, '$qNO-Uzpt6UlvZt4-F9MUPen9BrWGfF_Es5KcRk2q8lQ', false, 'DIKIHSYFNS', 2, false);
INSERT INTO outbox VALUES (7, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'c7469f51fff51b50e96085b1c4287c97', 0, 'unknown', '[]', '[]', '$mUFHNfW1EhzkrzvZQMfbjrG99YHRSbWNqcsKOhH01yY', 'dd090463063b3e2f4f5bb71fa496136b0f0aeb548eade360bdc9de33069e06ae', false, NULL, NULL, '2026-11-28 08:45:22.670497+00', NULL, '2026-11-28 08:45:22.918817+00', 0, '2026-11-28 08:45:23.233995+00', NULL, '$gyOpVKQI4aW9oe9_bA03_nueQDdcoxcnf6Dw7MIHNA4', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (6, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'd7ac365c9aa84ee47b00171ea02590d8', 1, 'asked', '[]', '[]', NULL, NULL, true, NULL, NULL, '2026-11-28 08:45:22.670497+00', NULL, '2026-11-28 08:45:22.919091+00', 0, '2026-11-28 08:45:23.322967+00', NULL, '$6HF4STT_1RGEj09TfbH9EwjMia2OJ0UXW7julG7FfS4', false, 'DIKIHSYFNS', 1, false);
INSERT INTO outbox VALUES (10, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'c45ea0ada1e8608383662fbea6dee36b', 0, 'unknown', '[]', '[]', '$c4ZMawHXhqpVCM8e376RY28NF5YcMMNIUfYXES55-_w', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, NULL, '2026-11-28 08:45:25.321267+00', NULL, '2026-11-28 08:45:25.445546+00', 0, '2026-11-28 08:45:25.823672+00', NULL, '$3g4wzVBwnz7H178JCy-cQr9eXxUyH2YDHP_Er1KM9c0', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (9, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'fe117f010a51c33405a16b72e143c9bd', 1, 'asked', '[]', '[]', NULL, NULL, true, NULL, NULL, '2026-11-28 08:45:25.321267+00', NULL, '2026-11-28 08:45:25.445798+00', 0, '2026-11-28 08:45:25.871302+00', NULL, '$xeZuSztp91qg3-pICNJbTxgJC-bpQ5yPggQdVYf1HPk', false, 'DIKIHSYFNS', 2, false);
INSERT INTO outbox VALUES (14, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'a5dcd2fb0ff81bb1368af07958601356', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:28.804337+00', NULL, '2026-11-28 08:45:28.843023+00', 0, '2026-11-28 08:45:28.983699+00', NULL, '$elw6IG8zO_p-dSaqF4Rklvq2gUEEXNoMhekP3qoBEcA', false, 'DIKIHSYFNS', 3, false);
INSERT INTO outbox VALUES (13, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'eb3edff28fbcd426fde356706f44f3a3', 0, 'unknown', '[]', '[]', '$hstOmg95wk3OuEa21sPiKTjHqKYC0D6PY8S3mgswBU4', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, NULL, '2026-11-28 08:45:27.791003+00', NULL, '2026-11-28 08:45:27.905889+00', 0, '2026-11-28 08:45:28.191751+00', NULL, '$Oj5xEPDH6UlMHuv_R72qARFmh3Aw1GBTPFF_ywRuowM', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (12, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'fe13f5aedea7f15fdfba2ab21b4d74b1', 1, 'asked', '[]', '[]', NULL, NULL, true, NULL, NULL, '2026-11-28 08:45:27.791003+00', NULL, '2026-11-28 08:45:27.906132+00', 0, '2026-11-28 08:45:28.341675+00', NULL, '$Jtjq7elSUZ55aGq9CNumDEK4MBaMSvrk1IF_LEbdG4E', false, 'DIKIHSYFNS', 3, false);
INSERT INTO outbox VALUES (16, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'a404d7806d99949f169b1fdf0e1e32a8', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:30.226816+00', NULL, '2026-11-28 08:45:30.267811+00', 0, '2026-11-28 08:45:30.351358+00', NULL, '$uGDxrDUL7fZJIWIKoDxbox7tJvCi1KkLztqhoQO-uAQ', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (15, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', '0e3eb8a5fcea19ea282f90f9946e931b', 0, 'draft', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:29.798172+00', NULL, '2026-11-28 08:45:29.929434+00', 0, '2026-11-28 08:45:30.226816+00', NULL, '$ghIMCvi14PDmz2aMspkJs2UIi_PiuxSBwH4Boj44CDI', false, 'DIKIHSYFNS', 4, false);
INSERT INTO outbox VALUES (17, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', '42a5c84d1a329a184a25bf7bf71ded99', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:30.226816+00', NULL, '2026-11-28 08:45:30.420412+00', 0, '2026-11-28 08:45:30.490049+00', NULL, '$06Im_aAYQQyQLeeJvGEVkIwRkq-GJEzvmDmDFzwkdVE', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (18, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'bceeed5f024e01380f65fc9771e84277', 0, 'draft', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:31.110264+00', NULL, '2026-11-28 08:45:31.185979+00', 0, '2026-11-28 08:45:31.287281+00', NULL, '$IwiojGU3WgcYGd_QUPcIBVm0o5yV4k3tThQSueBrqOM', false, 'DIKIHSYFNS', 5, false);
INSERT INTO outbox VALUES (19, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', '80016d09da48291e39768778f9054613', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:31.287281+00', NULL, '2026-11-28 08:45:31.58553+00', 0, '2026-11-28 08:45:31.750657+00', NULL, '$gxhDiwEDcoY_urX0wF7Mf9zjP8vONXdTfuA3bhMuA6o', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (20, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', '1003dad3c1491fd50b4265eec1cad5fd', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:45:31.287281+00', NULL, '2026-11-28 08:45:31.88761+00', 0, '2026-11-28 08:45:31.970595+00', NULL, '$IyD97epAl-nepL-PA-klb3CSM_7jBtFdb_VX5v9hwV0', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (21, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', 'e062afd8ee689f996e4e02c4aafd1faa', 0, 'command', '[]', '[]', '$sejeM_nx27Xev6jdLQ-r3ANg71tgQWr-VtTS6KBJZfo', '9d4b58514c03b635a67f887d496b1b0b0c74a1fa10ceecdf5f80925cc1c6ca1f', false, NULL, NULL, '2026-11-28 08:45:32.358501+00', NULL, '2026-11-28 08:45:32.394596+00', 0, '2026-11-28 08:45:32.467972+00', NULL, '$NJuz_aC82wlH2NLds_JqdQM8FsHqZ65KCRZKmX1wtkc', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (24, 'discourse', 'topic/8', '7519eaccbff44a5ed8e07acbd03da459', 0, 'answer', '["formation-facilitation"]', '[]', '8/1', '654f40a5338ec1bed02c3e49e595e284761d6c3fe3d17c7164ca5eedbfd60ba5', false, NULL, NULL, '2026-11-28 08:45:35.023721+00', NULL, '2026-11-28 08:45:35.178961+00', 0, '2026-11-28 08:45:35.441566+00', NULL, '8/2', false, 'a655f70f89f30b64', NULL, false);
INSERT INTO outbox VALUES (22, 'matrix', '!DiAGe0Uc76-NrDl4O5RW6LooIU1WJg90_elrYNDVL3g', '6064b0aefc31508883d63a089ff05887', 0, 'unknown', '[]', '[]', '$x7ZhTcqsp-5LexaXlcdztXo9AcqiSAggD24CNPG1lpc', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, NULL, '2026-11-28 08:45:33.521115+00', NULL, '2026-11-28 08:45:33.614302+00', 0, '2026-11-28 08:45:33.792208+00', NULL, '$JIctsvmbs5yxs0_ETuauz_BaPw6wZgVvWG3YGF27QtY', false, 'DIKIHSYFNS', NULL, true);
INSERT INTO outbox VALUES (23, 'matrix', '!DiAGe0Uc76-NrDl4O5RW6LooIU1WJg90_elrYNDVL3g', 'fc6a7e21f7de44cee6a24699f5babd93', 2, 'mark', '[]', '[]', '$x7ZhTcqsp-5LexaXlcdztXo9AcqiSAggD24CNPG1lpc', NULL, false, NULL, NULL, '2026-11-28 08:45:33.792208+00', NULL, '2026-11-28 08:45:33.865836+00', 0, '2026-11-28 08:45:33.950973+00', NULL, '$6f7J-mlxhzKGhSOBeKEObn0IoTvD_X-fTrQGmcsPik4', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (25, 'discourse', 'topic/9', 'f1a422cd6a161cd2fe87c0a55b0c4524', 0, 'unknown', '[]', '[]', '9/1', '654f40a5338ec1bed02c3e49e595e284761d6c3fe3d17c7164ca5eedbfd60ba5', false, NULL, NULL, '2026-11-28 08:45:35.266219+00', NULL, '2026-11-28 08:45:35.46551+00', 0, '2026-11-28 08:45:35.833469+00', NULL, '9/2', false, '8d3118aa793e041a', NULL, false);
INSERT INTO outbox VALUES (29, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '6424c90a0192e5f3b49b5441b73f1f18', 0, 'short', '["formation-facilitation"]', '[]', '$J7LVjlrDv1EF08PIYsgWcQ7w0TNf10idWoj-_4Db660', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, '["reply", {"room": "!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I/$bOLUA7RtAeFqoo1tq9woIrBUJxNuEyRLqJsP4eIuoBE?via=localhost)", "to": "$J7LVjlrDv1EF08PIYsgWcQ7w0TNf10idWoj-_4Db660", "thread": null, "quiet": false, "mentions": ["@ana-r1:localhost"], "replaces": null, "choices": [], "title": null}]', '2026-11-28 08:46:20.926452+00', '2026-11-28 08:46:28.577325+00', '2026-11-28 08:46:21.04972+00', 3, NULL, NULL, NULL, false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (27, 'discourse', 'category/annonces', '5ed2175be763a2ab385999c1ec855303', 0, 'digest', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:46:02.005615+00', NULL, '2026-11-28 08:46:04.46592+00', 0, '2026-11-28 08:46:05.133468+00', NULL, '14/1', false, '0f89df0803493b32', NULL, false);
INSERT INTO outbox VALUES (26, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', '740091018d153f28cc50c189a4ad2f73', 0, 'digest', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:46:02.005615+00', NULL, '2026-11-28 08:46:04.466299+00', 0, '2026-11-28 08:46:05.54038+00', NULL, '$2-uXjjrRYtN6-2dPt8D7eG9JNk_2W6c_Mcik_fiDqs0', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (28, 'matrix', '!gJdzAIat84_7KRs6JmyhwaHcitx0aLOV9Sgp_a7ILFA', '1beecfa69699ffe7390d7d202978f7f5', 0, 'digest', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-11-28 08:46:02.005615+00', NULL, '2026-11-28 08:46:04.466886+00', 0, '2026-11-28 08:46:05.552278+00', NULL, '$Lv5KeyWVIsrUug3H4KYPkCK-ei6pfbOfjaYoJaJjjKE', false, 'DIKIHSYFNS', NULL, false);
INSERT INTO outbox VALUES (30, 'matrix', '!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I', 'c309c2334084540453080278929a6885', 0, 'short', '["formation-facilitation"]', '[]', '$0KzF8j1x8G1u5qeSvu5yWQCaF1NzSU6T8srvil7nNVY', '4fe8440de99d4c9594ed090e4aa79558723319e9d5712e2e4d662c6a00013ed1', false, NULL, '["reply", {"room": "!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!veovm7TSgc3N1o60Plb67pMTzJv3Oc3dIbnaAObmZ7I/$bOLUA7RtAeFqoo1tq9woIrBUJxNuEyRLqJsP4eIuoBE?via=localhost)", "to": "$0KzF8j1x8G1u5qeSvu5yWQCaF1NzSU6T8srvil7nNVY", "thread": null, "quiet": false, "mentions": ["@ana-r1:localhost"], "replaces": null, "choices": [], "title": null}]', '2026-11-28 08:46:22.129075+00', NULL, NULL, 0, NULL, NULL, NULL, false, NULL, NULL, false);



INSERT INTO positions VALUES ('discourse', '{"floor": 0, "post": 19, "private": 0, "notification": 22, "begun": null, "looked": "2026-11-28T08:46:21.762704+00:00"}');
INSERT INTO positions VALUES ('matrix', 's67_1_0_1_1_1_1_12_0_1_1_1_1_1');



INSERT INTO questions VALUES (1, '2026-11-28 08:45:22.670497+00', NULL, NULL);
INSERT INTO questions VALUES (2, '2026-11-28 08:45:25.321267+00', NULL, NULL);
INSERT INTO questions VALUES (3, '2026-11-28 08:45:27.791003+00', NULL, NULL);



SELECT pg_catalog.setval('askings_id_seq', 4, true);



SELECT pg_catalog.setval('journal_id_seq', 22, true);



SELECT pg_catalog.setval('outbox_id_seq', 30, true);



ALTER TABLE ONLY alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);



ALTER TABLE ONLY askings
    ADD CONSTRAINT askings_event UNIQUE (channel, event);



ALTER TABLE ONLY askings
    ADD CONSTRAINT askings_pkey PRIMARY KEY (id);



ALTER TABLE ONLY drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (number);



ALTER TABLE ONLY feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (entry, person);



ALTER TABLE ONLY forgotten
    ADD CONSTRAINT forgotten_pkey PRIMARY KEY (person);



ALTER TABLE ONLY hushes
    ADD CONSTRAINT hushes_pkey PRIMARY KEY (room);



ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_event UNIQUE (channel, event);



ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (id);



ALTER TABLE ONLY links
    ADD CONSTRAINT links_pkey PRIMARY KEY (url);



ALTER TABLE ONLY memory
    ADD CONSTRAINT memory_pkey PRIMARY KEY (name);



ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);



ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_transaction UNIQUE (transaction_id);



ALTER TABLE ONLY positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (channel);



ALTER TABLE ONLY questions
    ADD CONSTRAINT questions_pkey PRIMARY KEY (number);



CREATE INDEX askings_question ON askings USING btree (question);



CREATE INDEX drafts_question ON drafts USING btree (question);



CREATE INDEX journal_person ON journal USING btree (person, done_at);



CREATE INDEX journal_relates_to ON journal USING btree (relates_to);



CREATE INDEX journal_unfinished ON journal USING btree (id) WHERE (done_at IS NULL);



CREATE INDEX outbox_event ON outbox USING btree (event);



CREATE INDEX outbox_number ON outbox USING btree (number);



CREATE INDEX outbox_question ON outbox USING btree (question);



CREATE INDEX outbox_replaces ON outbox USING btree (replaces);



CREATE INDEX outbox_room ON outbox USING btree (room, made);



CREATE INDEX outbox_unsent ON outbox USING btree (channel, room, priority, id) WHERE (closed IS NULL);




