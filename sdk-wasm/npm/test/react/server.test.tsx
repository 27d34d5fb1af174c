// @vitest-environment node
import { Carewire, chatRoom } from "carewire";
import {
  CallVideo,
  CarewireProvider,
  ConnectionStatus,
  useCall,
  useInbox,
  useLiveData,
  useMessages,
  useNotifications,
  usePresence,
  useUnread,
} from "carewire/react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";

function Everything() {
  const views = [
    useMessages(chatRoom("dr-lee", "ana")),
    usePresence("ana"),
    useNotifications(),
    useInbox(),
    useUnread(),
    useLiveData("beds"),
  ];
  const call = useCall();
  return (
    <p>
      {views.map((view) => view.status).join(" ")} {call.phase}
      <ConnectionStatus />
      <CallVideo />
    </p>
  );
}

test("on a server everything is idle, and nothing is connected, asked or left behind", () => {
  const getToken = vi.fn();
  const timers = vi.spyOn(globalThis, "setTimeout");
  const html = renderToString(
    <CarewireProvider url="/ws" userId="ana" getToken={getToken}>
      <Everything />
    </CarewireProvider>,
  );
  expect(html).toContain("idle idle idle idle idle idle");
  expect(html).toContain("none");
  expect(html).toContain("Connecting…");
  expect(getToken).not.toHaveBeenCalled();
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
});

test("a client of the application does nothing on a server either", () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const client = Carewire.create({ url: "/ws", token: "x" });
  expect(
    renderToString(
      <CarewireProvider client={client}>
        <Everything />
      </CarewireProvider>,
    ),
  ).toContain("idle");
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
});
