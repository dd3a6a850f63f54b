"""People with the other client in the rooms of a bot that lives through all sorts of misfortunes."""

from contextlib import AsyncExitStack
from pathlib import Path

from tests.encryption.members import Person, clients
from tests.reliability.scene import Scene


async def enter(stack: AsyncExitStack, scene: Scene, client: Path) -> list[Person]:
    """Two people, each with one device, in all rooms of the scene. `client`: see `members.install`."""
    node = await stack.enter_async_context(clients(client))
    accounts = [await scene.homeserver.register(f"{name}-{scene.ana.user[1:6]}{id(scene)}", "secret") for name in "cd"]
    people = [await Person.log_in(node, scene.homeserver.url, account) for account in accounts]
    for person in people:
        for room in scene.rooms:
            await person.do("join", room=room)
    return people
