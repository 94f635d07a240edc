"""What this server has on the air, by the unguessable id under which pages find it."""

from gandyn.live.broadcast import Broadcast

ON_AIR: dict[str, Broadcast] = {}
