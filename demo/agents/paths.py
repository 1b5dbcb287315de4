"""Where things are in the shared tree: what `paths.ts` is in TypeScript."""

ROOT = "/release_notes"
FINDINGS = f"{ROOT}/findings"
MEASUREMENTS = f"{ROOT}/measurements"
FIGURES = f"{ROOT}/figures"
HEADLINE = f"{FIGURES}/headline"
CAPTION = f"{FIGURES}/caption"
GO = f"{ROOT}/go"
APPROVAL = f"{ROOT}/approval"


def task(name: str) -> str:
    """Who does it, and whether it is done."""
    return f"{ROOT}/tasks/{name}"


def evidence(finding: str) -> str:
    """What a finding rests on."""
    return f"{ROOT}/evidence/{finding}"


def figure(name: str) -> str:
    """What was computed of one quantity's samples."""
    return f"{FIGURES}/{name}"


def review(name: str) -> str:
    """A ghost to look into."""
    return f"{ROOT}/reviews/{name}"


def verdict(name: str) -> str:
    """The reviewer's answer."""
    return f"{ROOT}/reviews/{name}/verdict"


def agent(name: str) -> str:
    """What an agent waits for."""
    return f"{ROOT}/agents/{name}"
