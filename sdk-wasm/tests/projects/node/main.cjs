const { Carewire } = require("carewire");

const [url, token] = process.argv.slice(2);
Carewire.connect({ url, token }).then(async (client) => {
  const { message } = await client.request("message:send", { roomId: "chat:ana:dr-lee", body: "Hello" });
  console.log(message.body, message.status);
  await client.close();
});
