"""Where apps, users and sessions lie: the paths of docs/frameworks/google-adk.md."""

from __future__ import annotations

from dataclasses import dataclass

from hyperloom._adapters.names import filled_segment_of, item_name, name_of, segment_of


@dataclass(frozen=True, slots=True)
class App:
    """An app's subtree."""

    name: str
    path: str

    @staticmethod
    def of(root: str, app_name: str) -> App:
        """By its name. Raises `InvalidNameError`."""
        return App(app_name, f"{root}/{filled_segment_of('the app name', app_name)}/google-adk")

    @property
    def state(self) -> str:
        """Its keys lie below."""
        return f"{self.path}/state"

    @property
    def users(self) -> str:
        """Its users lie below."""
        return f"{self.path}/users"

    def user(self, user_id: str) -> User:
        """By its id; the empty one is a user as well. Raises `InvalidNameError`."""
        return User(self, user_id, f"{self.users}/{segment_of('the user id', user_id)}")

    def memory(self, user_id: str) -> str:
        """What is remembered of a user lies below: apart from the users, so that listing sessions does not read it."""
        return f"{self.path}/memory/{segment_of('the user id', user_id)}"


@dataclass(frozen=True, slots=True)
class User:
    """A user's subtree."""

    app: App
    id: str
    path: str

    @property
    def state(self) -> str:
        """The keys lie below."""
        return f"{self.path}/state"

    @property
    def sessions(self) -> str:
        """The sessions lie below."""
        return f"{self.path}/sessions"

    def session(self, session_id: str) -> Place:
        """By its id. Raises `InvalidNameError`."""
        return Place(self, session_id, f"{self.sessions}/{filled_segment_of('the session id', session_id)}")


@dataclass(frozen=True, slots=True)
class Place:
    """A session's subtree."""

    user: User
    id: str
    path: str

    @property
    def record(self) -> str:
        """How many events there are, and since when."""
        return f"{self.path}/session"

    @property
    def state(self) -> str:
        """The keys lie below."""
        return f"{self.path}/state"

    @property
    def events(self) -> str:
        """One level deeper than the state, so that a listing down to that reads no events."""
        return f"{self.path}/log/events"

    def event(self, number: int) -> str:
        """By its number from 0."""
        return f"{self.events}/{item_name(number)}"

    def event_id(self, event_id: str) -> str:
        """Says that the event of this id is stored, and under which number. Raises `InvalidNameError`."""
        return f"{self.path}/log/ids/{filled_segment_of('the id of the event', event_id)}"


def key_path(state: str, key: str) -> str:
    """The node of a key of state. Raises `InvalidNameError`."""
    return f"{state}/{segment_of('the key of state', key)}"


def key_of(path: str) -> str:
    """The key whose node that is."""
    return name_of(path.rpartition("/")[2])
