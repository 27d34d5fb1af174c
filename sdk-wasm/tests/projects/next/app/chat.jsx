"use client";

import { useMessages } from "carewire/react";

export function Chat() {
  const { status, messages, send } = useMessages("chat:ana:dr-lee");
  return (
    <>
      <button onClick={() => void send("Hello")}>Send</button>
      <ol data-status={status}>
        {messages.map((message) => (
          <li key={message.key}>
            {message.body} {message.status}
          </li>
        ))}
      </ol>
    </>
  );
}
