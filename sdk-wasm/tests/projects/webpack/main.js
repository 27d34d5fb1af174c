import { Carewire } from "carewire";

const { url, token } = Object.fromEntries(new URLSearchParams(location.search));

const status = document.body.appendChild(document.createElement("p"));
const button = document.body.appendChild(document.createElement("button"));
const list = document.body.appendChild(document.createElement("ol"));
button.textContent = "Send";

const client = await Carewire.connect({ url, token });
status.textContent = "Connected";

const { messages } = client.room("chat:ana:dr-lee");
button.onclick = () => void messages.send("Hello");
messages.subscribe(() => {
  list.replaceChildren(
    ...messages.get().messages.map(({ body, status }) => {
      const item = document.createElement("li");
      item.textContent = `${body} ${status}`;
      return item;
    }),
  );
});
