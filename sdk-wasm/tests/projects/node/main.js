import { Carewire } from "carewire";

const [url, token] = process.argv.slice(2);
const client = await Carewire.connect({ url, token });
const { message } = await client.request("message:send", { roomId: "chat:ana:dr-lee", body: "Hello" });
console.log(message.body, message.status);
await client.close();
