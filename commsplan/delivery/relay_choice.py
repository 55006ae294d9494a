"""Which relay a copy goes to: by weight, among those that can be used and are not full."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from commsplan.delivery.parcels import Done
from commsplan.delivery.relay_lines import RelayLines, Round
from commsplan.delivery.rules import away, untouched


class Relays:
    """All relays of a wire."""

    def __init__(
        self,
        relays: Sequence[RelayLines],
        around: Round,
        may_use: Callable[[str], bool] | None,
    ) -> None:
        self.all = relays
        self._around = around
        self._may_use = may_use

    def look(self) -> None:
        """See which relays may be used."""
        if self._may_use is None:
            return
        for relay in self.all:
            is_on = self._may_use(relay.name)
            if is_on is not relay.is_switched_on:
                relay.is_switched_on = is_on
                self._around.is_stirred = True

    def room(self) -> int:
        """Return how many more copies there is room for."""
        if self._around.is_halted:
            return 0
        return max(0, sum(self._rooms().values()) - len(self._around.homeless))

    def why_away(self) -> dict[str, str]:
        """Return why relays are not used, by name."""
        return {relay.name: words for relay in self.all if (words := relay.why_away())}

    def house(self) -> None:
        """Give every copy without a relay to one, or back."""
        homeless = self._around.homeless
        while homeless:
            parcel = homeless.popleft()
            relay = None if self._around.is_halted else self._choose()
            if relay is not None:
                relay.put(parcel)
            else:
                outcome = untouched() if self._around.is_halted else away(self._words())
                self._around.done.append(Done(parcel, outcome, ""))

    def spread(self) -> None:
        """Let idle lines begin, and open more where they do not suffice."""
        for relay in self.all:
            relay.spread()

    def _rooms(self) -> dict[RelayLines, int]:
        """Return how many more copies each usable relay may hold.

        The heaviest holds two for each line, the others less by their weight: at the same speed
        the copies then split by weight, and a relay that is slow holds up nobody.
        """
        usable = [relay for relay in self.all if relay.is_usable()]
        heaviest = max((relay.address.weight for relay in usable), default=1)
        return {relay: relay.room(relay.address.weight / heaviest) for relay in usable}

    def _choose(self) -> RelayLines | None:
        """Return the relay whose turn it is, those with room first (smooth weighted choice)."""
        if len(self.all) == 1:
            return self.all[0] if self.all[0].is_usable() else None
        rooms = self._rooms()
        among = [relay for relay, room in rooms.items() if room] or list(rooms)
        for relay in among:
            relay.credit += relay.address.weight
        chosen = max(among, key=lambda relay: relay.credit, default=None)
        if chosen is not None:
            chosen.credit -= sum(relay.address.weight for relay in among)
        return chosen

    def _words(self) -> str:
        reasons = self.why_away()
        if len(self.all) == 1:
            return "".join(reasons.values())
        return "; ".join(f"{name}: {words}" for name, words in reasons.items())
