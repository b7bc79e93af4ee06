// aimock's double of OpenRouter's videos: each order passes through pending and in_progress.
import { readFileSync } from "node:fs";
import { LLMock } from "@copilotkit/aimock";

const tiny = (kind) => readFileSync(new URL(`../fixtures/media/tiny.${kind}`, import.meta.url));
const progression = { pollsBeforeInProgress: 1, pollsBeforeCompleted: 2 };
const mock = new LLMock({ port: 0, host: "127.0.0.1", openRouterVideo: progression });
const on = (userMessage, video) =>
  mock.addFixture({ match: { endpoint: "video", model: "house/film-1", userMessage }, response: { video } });
on(/fox/, { id: "v1", status: "completed", b64: tiny("mp4").toString("base64"), cost: 0.12 });
on(/never/, { id: "v2", status: "failed", error: "The vendor behind it is away." });
on(/blood/, { id: "v3", status: "failed", error: "Blocked: content policy violation." });
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
