"""Windows that a server tells to a chat, in a real terminal."""

from contextlib import closing

from chatcli.adapters.local_model import LocalServer, Setup
from tests.e2e.terminal import CTRL_D, terminal
from tests.servers.scripted import ScriptedServer, reply


def asked(server, path):
    return any(request.path == path for request in server.requests)


def test_a_chat_asks_for_the_window_before_anything_is_said(world):
    with (
        ScriptedServer(reply("Hello.")) as server,
        terminal(world, "--base-url", server.url, "-m", "m") as chat,
    ):
        server.until(lambda server: asked(server, "/api/v0/models"))
        assert server.questions == []
        assert chat.say("Good morning").see("Hello.").prompt().type(CTRL_D).ended() == 0


def test_a_chat_with_llama_cpp_knows_its_window(world, weights):
    with closing(LocalServer(Setup(str(weights), 512, 1))) as llama:
        reached = world.having(OPENAI_BASE_URL=f"{llama.ready.result()}/v1", OPENAI_API_KEY=llama.key)
        with terminal(reached, "--max-tokens", "4", "-m", "toy") as chat:
            chat.prompt().paste("word " * 450).enter().see("tokens, and a prompt may have 508.")
