// aimock's doubles of ElevenLabs' speech, sound effects and music. The first argument is a sound in base64.
import { LLMock } from "@copilotkit/aimock";

const [sound] = process.argv.slice(2);
const mock = new LLMock({ port: 0, host: "127.0.0.1" });
mock.onElevenLabsTTS(/night/, { audio: sound });
mock.onSoundEffect(/door/, { audio: sound });
mock.onMusic(/piano/, { audio: sound });
await mock.start();
console.log(`listening on ${mock.url}`);
process.on("SIGTERM", () => mock.stop().then(() => process.exit(0)));
