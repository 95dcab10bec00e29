"""Who may ask and who may decide: for operators."""

from typing import Any

from hashreg.model.errors import NotFound
from hashreg.model.messages import N_
from hashreg.model.people import Role
from hashreg.model.retention import MOST_DAYS
from hashreg.model.strictjson import Fields
from hashreg.server.call import Call
from hashreg.server.desk import now
from hashreg.server.endpoints import Answer
from hashreg.takedown.people import add_person, new_key, people_of, revoke_key, revoke_person
from hashreg.takedown.store import Store


async def listed(call: Call) -> Answer:
    """Return everybody of a role, revoked ones too, and their keys' prefixes."""
    role = _role(call)
    found = await call.desk.read(lambda store: people_of(store, role))
    return {"people": [person.as_json() for person in found]}


async def add(call: Call) -> Answer:
    """Add somebody and give out their key, this once."""
    role, name, settings = _role(call), call.fields.text("name"), _settings(call)
    key = await call.desk.write(lambda store: add_person(store, role, name, now(), **settings))
    return {"role": role.value, "name": name, "key": key}


async def add_key(call: Call) -> Answer:
    """Give out a second key, for rotation."""
    role, name, settings = _role(call), call.path("name"), _settings(call)
    key = await call.desk.write(lambda store: new_key(store, role, name, now(), **settings))
    return {"role": role.value, "name": name, "key": key}


async def revoke(call: Call) -> Answer:
    """End what somebody may do, or one of their keys."""
    role, name, actor = _role(call), call.path("name"), call.asker.name
    prefix = call.fields.text("key") if call.fields.has("key") else None

    def work(store: Store) -> Answer:
        if prefix is None:
            return revoke_person(store, role, name, now(), actor=actor).as_json()
        return revoke_key(store, role, name, prefix, now(), actor=actor).as_json()

    return await call.desk.write(work)


def _role(call: Call) -> Role:
    text = call.path("role")
    if text not in set(Role):
        raise NotFound(N_("There is no such role."), field="role")
    return Role(text)


def _settings(call: Call) -> dict[str, Any]:
    fields: Fields = call.fields
    scopes = fields.items("scopes", 20) if fields.has("scopes") else None
    return {
        "scopes": None if scopes is None else [str(it) for it in scopes],
        "sandbox": fields.has("sandbox") and fields.flag("sandbox"),
        "days": fields.whole_number("days", 1, MOST_DAYS) if fields.has("days") else None,
        "actor": call.asker.name,
    }
