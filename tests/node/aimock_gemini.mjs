// aimock's doubles of Gemini's two older ways: pictures by :predict, videos by :predictLongRunning.
// The first argument is the picture in base64, the second the address of the finished video.
import { LLMock } from "@copilotkit/aimock";

const [picture, video] = process.argv.slice(2);
const mock = new LLMock({
  port: 0,
  host: "127.0.0.1",
  veoVideo: { pollsBeforeInProgress: 1, pollsBeforeCompleted: 2 },
});
mock.onImage(/foxes/, { images: [{ b64Json: picture }, { b64Json: picture }] });
mock.onImage(/fox/, { image: { b64Json: picture } });
mock.onVideo(/fox/, { video: { id: "v1", status: "completed", url: video } });
mock.onVideo(/violence/, { video: { id: "v2", status: "failed", error: "Blocked by the safety filters." } });
mock.onVideo(/broken/, { video: { id: "v3", status: "failed", error: "Internal error." } });
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
