import { CarewireProvider, ConnectionStatus, useMessages } from "carewire/react";
import { createRoot } from "react-dom/client";

const { url, token } = Object.fromEntries(new URLSearchParams(location.search));

function Chat() {
  const { messages, send } = useMessages("chat:ana:dr-lee");
  return (
    <>
      <ConnectionStatus />
      <button onClick={() => void send("Hello")}>Send</button>
      <ol>
        {messages.map((message) => (
          <li key={message.key}>
            {message.body} {message.status}
          </li>
        ))}
      </ol>
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <CarewireProvider url={url} token={token} userId="dr-lee">
    <Chat />
  </CarewireProvider>,
);
