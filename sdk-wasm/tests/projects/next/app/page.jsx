import { CarewireProvider, ConnectionStatus } from "carewire/react";
import { Chat } from "./chat";

export default async function Page({ searchParams }) {
  const { url, token } = await searchParams;
  return (
    <CarewireProvider url={url ?? "/ws"} token={token ?? ""} userId={token ? "dr-lee" : null}>
      <ConnectionStatus />
      <Chat />
    </CarewireProvider>
  );
}
