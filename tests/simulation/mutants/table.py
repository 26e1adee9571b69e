"""Each mutant with a seed that catches it, and the invariant that is broken then."""

from typing import NamedTuple


class Mutant(NamedTuple):
    name: str
    module: str
    old: str
    new: str
    seed: int = -1
    invariant: int = 0


MUTANTS = (
    Mutant(
        "no base snapshot",
        "server.sync.comparing",
        "        base, local = self._base.get(name), self._local.get(name)\n",
        "        base, local = self._local.get(name), self._local.get(name)\n",
    ),
    Mutant(
        "404 means deleted",
        "server.sync.absence",
        "    if deleted or thing.reported_gone:\n",
        "    if thing:\n",
    ),
    Mutant(
        "a project that is not visible is not asked for",
        "server.sync.calling",
        '        return await self._call(areas("visible", scope.form, None), lambda: self._remote.visible(scope))\n',
        "        return True\n",
    ),
    Mutant(
        "one sighting is enough",
        "server.sync.absence",
        "    if setting.asked - since < setting.limits.sightings_apart:\n",
        "    if setting.asked - since < 0:\n",
    ),
    Mutant(
        "the changelog is not walked",
        "server.sync.comparing",
        "walk(thing.base, seen.changelog, intents, rules) if seen.changelog else Walked(thing.base)",
        "Walked(thing.base)",
    ),
    Mutant(
        "what we overwrote is not made good",
        "server.sync.changelog",
        "        if entry.field in unseen:\n",
        "        if entry.field in unseen and not entry.by_us:\n",
    ),
    Mutant(
        "a late write undoes a removal",
        "server.sync.changelog",
        "        if entry.field in unseen:\n",
        '        if entry.field in unseen and rule != "set":\n',
    ),
    Mutant(
        "whatever our account did is ours",
        "server.sync.changelog",
        "        ours = _matching(entry, rule, sent.values())\n        if ours is None:\n",
        "        ours = _matching(entry, rule, sent.values())\n        if ours is None and not entry.by_us:\n",
    ),
    Mutant(
        "the cursor is now",
        "server.sync.discovering",
        "            newest = max([newest, *(each.changed for each in found.items)])\n",
        "            newest = around.now()\n",
    ),
    Mutant(
        "polls do not overlap",
        "server.sync.discovering",
        "    since = max(0, scope.cursor - overlap)\n",
        "    since = max(0, scope.cursor)\n",
    ),
    Mutant(
        "what a scope hid is not looked for",
        "server.sync.discovering",
        "raised = await _back(around, scope) if page is None and scope.hidden else ()",
        "raised = ()",
    ),
    Mutant(
        "a Retry-After is not kept",
        "server.sync.gate",
        "            if cooldown and cooldown.until > now:\n",
        "            if cooldown and cooldown.until > now + 999_999_999_999:\n",
    ),
    Mutant(
        "a loser is not kept",
        "server.sync.comparing",
        "        if found.lost:\n",
        "        if found.lost and not found:\n",
    ),
    Mutant(
        "the last text wins",
        "server.sync.merging",
        "    return Merged(found.text, lost=bool(found.conflicts))\n",
        "    return Merged(remote)\n",
    ),
    Mutant(
        "the last set wins",
        "server.sync.merging",
        "    return tuple(sorted((before & ours & theirs) | (ours - before) | (theirs - before)))\n",
        "    return tuple(sorted(ours))\n",
    ),
    Mutant(
        "a removal from a set is not one",
        "server.sync.merging",
        "    return tuple(sorted((before & ours & theirs) | (ours - before) | (theirs - before)))\n",
        "    return tuple(sorted(ours | theirs))\n",
    ),
    Mutant(
        "a creation is sent again at once",
        "server.sync.creations",
        '    waiting = [each.lands_by for each in attempts if each.state == "open" and each.lands_by > asked]\n',
        "    waiting: list[int] = []\n",
    ),
    Mutant(
        "a twin stays",
        "server.sync.creations",
        "        and marker.attempt != linked.made_by\n",
        "        and marker.attempt == -1\n",
    ),
    Mutant(
        "a copy is taken for a twin",
        "server.sync.creations",
        "        and seen.by_us\n        and linked.made_by > 0\n        and 0 < marker.attempt <= linked.attempt\n"
        "        and marker.attempt != linked.made_by\n",
        "",
    ),
    Mutant(
        "a marker counts for any attempt",
        "server.sync.creations",
        "    if not seen.by_us or seen.kind != thing.kind:\n",
        "    if seen.kind != thing.kind:\n",
    ),
    Mutant(
        "the newest payload is the base of what was made",
        "server.sync.planning",
        "base=intent.fields,",
        "base=thing.local,",
    ),
    Mutant(
        "a stale write counts as done",
        "server.sync.sending",
        '        except (Conflict, NotFound):\n            sent.intents.append(replace(intent, state="lost"))\n',
        '        except (Conflict, NotFound):\n            sent.answered[intent.entity, intent.attempt] = ""\n',
    ),
    Mutant(
        "no answer counts as done",
        "server.sync.sending",
        "            sent.intents.append(replace(intent, lands_by=_lands_by(calling, intent, limits)))\n",
        '            sent.intents.append(replace(intent, state="applied"))\n',
    ),
    Mutant(
        "no answer counts as not done",
        "server.sync.sending",
        "            sent.intents.append(replace(intent, lands_by=_lands_by(calling, intent, limits)))\n",
        '            sent.intents.append(replace(intent, state="lost"))\n',
    ),
    Mutant(
        "what answered a creation is not looked at",
        "server.sync.reconciling",
        '        if not attempt_of(root, kind, seen, {made.attempt: replace(made, state="open")}, known):\n',
        '        if kind.kind == "":\n',
    ),
    Mutant(
        "too much may vanish",
        "server.sync.absence",
        "    return unobserved > limits.vanished or (\n",
        "    return unobserved > 999 and (\n",
    ),
    Mutant(
        "nothing comes back to life",
        "server.sync.comparing",
        '        presence="present",\n        missing_since=None,\n',
        "        missing_since=None,\n",
    ),
    Mutant(
        "two may fight for ever",
        "server.sync.flapping",
        "        return len(writes) >= limits.flaps and any(each.fields[name] == wanted for each in writes)\n",
        "        return len(writes) > 999\n",
    ),
    Mutant(
        "what is level is written",
        "server.sync.comparing",
        "        if value != remote:\n            self._wanted[name] = value\n",
        "        self._wanted[name] = value\n",
    ),
    Mutant(
        "the feed does not tell fields",
        "server.sync.draft",
        "    if fields:\n        told.append(",
        "    if fields and before:\n        told.append(",
    ),
    Mutant(
        "a row is written over a newer one",
        "tests.simulation.memory",
        "                if self._rev(known, row.id) != row.rev - 1:\n",
        "                if self._rev(known, row.id) > row.rev:\n",
    ),
    Mutant(
        "what was changed before it was known as ours is dropped",
        "server.sync.strangers",
        "        linked = replace(linked, local=compared.after.local)\n",
        "",
    ),
    Mutant(
        "a path that is not there is taken",
        "server.sync.comparing",
        "            steps = path(seen.paths, here, there)\n",
        "            steps = (there,)\n",
    ),
    Mutant(
        "two workers for one thing",
        "server.sync.dispatching",
        "        return next((each for each in due if each.key not in self._running), None)\n",
        "        return next(iter(due), None)\n",
    ),
)
