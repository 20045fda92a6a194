"""What a run can be asked to do: chat, answer once, or run an errand. Each returns the exit code."""

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Final

from chatcli import __version__
from chatcli.app import App
from chatcli.config.resolve import config_file
from chatcli.config.text import show, template
from chatcli.config.values import Layer
from chatcli.core.catalog import DEFAULT_MODEL, LOCAL, is_local
from chatcli.deferred import Deferred
from chatcli.env import Env
from chatcli.errors import AuthError, ConfigError, Unavailable
from chatcli.interrupts import ending_all

if TYPE_CHECKING:
    from chatcli.sessions.errands import Sessions

OK: Final = 0

_LAST_TURNS: Final = "/history 3"  # what is shown of a session that goes on

_TOY: Final = "SmolLM2-135M, a toy for a first hello"
_NO_WEIGHTS: Final = "The embedded model's weights are not here."
_PULL_HINT: Final = "Fetch them (98 MB): chatcli local pull"


def chat(app: App) -> int:
    """The REPL, until its person leaves."""
    model = _model(app)
    app.voice.aside(f"chatcli {__version__} · {_described(app, model)} · /help")
    repl = Deferred(partial(app.repl, model))
    with app.stage.chatting():
        if app.begun and app.begun.messages:
            repl.get().step(_LAST_TURNS)
            app.voice.say("")  # as after a turn
        for message in app.prompt(repl).messages(
            lambda: repl.built.draft if repl.built else "", lambda: repl.built is None or repl.built.leaves()
        ):
            try:
                with app.stage.interrupts.armed():
                    goes_on = repl.get().step(message)
            except KeyboardInterrupt:  # outside a turn, which keeps what came
                app.voice.aside("[interrupted]")
                continue
            if not goes_on and repl.get().leaves():
                break
    if repl.built and app.is_kept(repl.built.session):
        without = f", without {unkept}" if (unkept := repl.built.unkept()) else ""
        app.voice.aside(f"to go on with this chat{without}: chatcli -S {repl.built.session.id}")
    return OK


def drive(app: App) -> int:
    """The REPL for a program: each line of standard input is a message, until there are no more."""
    model = _model(app)
    carry_out = app.driven(model)
    with ending_all():
        app.models.open(model)
    if not app.stage.watched:
        return carry_out()
    with app.stage.taken(), app.stage.interrupts.armed():
        return carry_out()


def ask(app: App, question: str, files: Sequence[str]) -> int:
    """One question, with what is in files and on standard input."""
    one_shot = app.one_shot()
    message = one_shot.message(question, files)
    session = app.session(_model(app))
    with ending_all():
        app.models.open(session.model)  # not in the depth of the turn: imports nest, and are slower there
    if not app.stage.watched:
        return one_shot.answer(session, message)
    with app.stage.taken(), app.stage.interrupts.armed():
        return one_shot.answer(session, message)


def list_models(app: App) -> int:
    """Print the models that can be asked: OpenAI's, from the catalog, or else those that the server lists."""
    app.env.stdout.write("".join(f"{line}\n" for line in app.listing()))
    return OK


def count_tokens(app: App, files: Sequence[str]) -> int:
    """Print how many tokens files have, or standard input, and what they cost where a model is named."""
    app.env.stdout.write(app.counter(app.settings.model or DEFAULT_MODEL).count(files))
    return OK


def tend_sessions(app: App, errand: "Callable[[Sessions], int]") -> int:
    """Run an errand about the sessions that are kept."""
    return errand(app.sessions())


def pull_weights(app: App) -> int:
    """Fetch the embedded model's weights, unless they are here and sound."""
    with app.stage.download_bar("SmolLM2-135M-Instruct") as progress:
        path = app.weights.pull(progress)
    app.voice.aside(f"the weights are at {path}")
    return OK


def show_weights(app: App) -> int:
    """Print where the embedded model's weights are."""
    if not app.weights.fetched:
        raise Unavailable(_NO_WEIGHTS, _PULL_HINT)
    app.env.stdout.write(f"{app.weights.path}\n")
    return OK


def remove_weights(app: App) -> int:
    """Remove the embedded model's weights."""
    removed = app.weights.remove()
    app.voice.aside(f"removed {app.weights.path}" if removed else "there were no weights to remove")
    return OK


def show_config(app: App) -> int:
    """Print every setting, its value and where it came from."""
    app.env.stdout.write(show(app.config))
    return OK


def show_config_path(app: App) -> int:
    """Print where the config file is, or would be."""
    app.env.stdout.write(f"{config_file(app.env, app.flags)}\n")
    return OK


def edit_config(app: App) -> int:
    """Open the config file in the person's editor, and check what came of it."""
    path = config_file(app.env, app.flags)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(template(), encoding="utf-8")
        app.edit(path)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"{path} cannot be edited: {reason}.", "Set EDITOR to your editor.") from error
    _ = app.config  # reading it is the check
    return OK


def _described(app: App, model: str | None) -> str:
    if model == LOCAL:
        return _TOY
    if is_local(model):
        return f"{model}, on this machine"
    name = model or "the server's own model"
    return f"{name} at {app.endpoint.base_url}"


def _model(app: App) -> str | None:
    """The model that was asked for, or else the usual one of where there is a key or a server."""
    model = app.settings.model
    if app.begun and app.begun.model and "model" not in app.flags:
        model = app.begun.model
    if model is not None and is_local(model):
        return _embedded(app, model)
    if app.keyless and model is None:
        return _embedded(app, None)
    if app.keyless:
        hint = "Set OPENAI_API_KEY, or talk to the embedded model with --model local."
        raise AuthError("There is no API key.", hint)
    if model and app.endpoint.is_openai and (advice := app.models.advice(model)):
        app.voice.aside(advice)
    return model or (DEFAULT_MODEL if app.endpoint.is_openai else None)


def _embedded(app: App, model: str | None) -> str:
    """The embedded model, its weights here; ``model`` None says that nobody asked for it by name."""
    origin = app.config.origin("model")
    if model not in {LOCAL, None} and origin.layer is Layer.PROJECT:
        raise ConfigError(f"{origin.named} names a file to run, which a .env must not.", "Use --model.")
    if not app.can_embed():
        if model is None:
            raise AuthError("There is no API key.", "Set OPENAI_API_KEY, or name a server with --base-url.")
        raise Unavailable("The embedded model is not installed.", "pip install 'chatcli[local]'")
    if model in {LOCAL, None} and not app.weights.fetched:
        _fetch_weights(app, wanted=model is not None)
    return model or LOCAL


def _fetch_weights(app: App, *, wanted: bool) -> None:
    """Say what is to be fetched, and fetch it if that is agreed."""
    can_ask = app.env.stdin_tty and app.env.stderr_tty
    if app.consent or can_ask:
        if not wanted:
            app.voice.aside("There is no API key and no server, so this is the embedded model:")
        app.voice.aside(f"{_TOY} (135M parameters); 98 MB, fetched once into {app.weights.path.parent}")
    if app.consent or (can_ask and _agreed(app.env)):
        pull_weights(app)
        return
    if wanted:
        raise Unavailable(_NO_WEIGHTS, _PULL_HINT)
    hint = "Set OPENAI_API_KEY, name a server with --base-url, or run: chatcli local pull"
    raise Unavailable("There is no API key, no server and no embedded model.", hint)


def _agreed(env: Env) -> bool:
    env.stderr.write("Fetch it now? [Y/n] ")
    env.stderr.flush()
    answer = (env.stdin or BytesIO()).readline().decode("utf-8", "replace")
    return answer.strip().lower() in {"", "y", "yes"} and answer.endswith("\n")
