// aimock's double of fal's queue: every order waits, works, and then has its files and a bill.
import { LLMock } from "@copilotkit/aimock";

const queue = { pollsBeforeInProgress: 1, pollsBeforeCompleted: 2 };
const mock = new LLMock({ port: 0, host: "127.0.0.1", falQueue: queue });
mock.onFalImage(/paint/, { images: [{ url: "https://mock.fal.media/1.png" }, { url: "https://mock.fal.media/2.jpg" }] }, { billableUnits: 2 });
mock.onFalVideo(/film/, { video: { id: "v", status: "completed", url: "https://mock.fal.media/1.mp4" } });
mock.onFalQueue(/speak/, { audio: { url: "https://mock.fal.media/1.mp3", content_type: "audio/mpeg" } });
mock.addFixture({ match: { model: /broken/, endpoint: "fal" }, response: { error: { message: "No such size", type: "invalid_request_error" }, status: 422 } });
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
