// What only React 19 has: parts of a page that are hidden and shown again with their state.

import { chatRoom } from "carewire";
import { CarewireProvider, useConnection, useMessages } from "carewire/react";
import { Activity, StrictMode } from "react";
import { expect, test } from "vitest";
import { Strict, count, useWorld } from "../react/help.js";

const world = useWorld();
const room = chatRoom("dr-lee", "ana");

function Show() {
  const { status } = useMessages(room);
  return <>{`${useConnection().status} ${status}`}</>;
}

test("a provider that is hidden lets go, and connects again when it is shown", async () => {
  const options = world.server.options("ana");
  const tree = (mode: "visible" | "hidden") => (
    <StrictMode>
      <Activity mode={mode}>
        <CarewireProvider {...options} userId="ana">
          <Show />
        </CarewireProvider>
      </Activity>
    </StrictMode>
  );
  await world.show(tree("visible"));
  expect(world.text).toBe("connected ready");
  await world.show(tree("hidden"));
  await world.wait(5_000);
  expect(world.server.sockets).toBe(0);
  await world.show(tree("visible"));
  await world.wait(1_000);
  expect(world.text).toBe("connected ready");
  expect(world.server.sockets).toBe(1);
});

test("a hidden part leaves its room, and joins it again when it is shown", async () => {
  const ana = world.server.client("ana");
  void ana.connect();
  const tree = (mode: "visible" | "hidden") => (
    <Strict client={ana}>
      <Activity mode={mode}>
        <Show />
      </Activity>
    </Strict>
  );
  await world.show(tree("visible"));
  await world.show(tree("hidden"));
  await world.wait(2_000);
  expect(count(world.server, "room:leave")).toBe(1);
  await world.show(tree("visible"));
  expect(count(world.server, "room:join")).toBe(2);
  expect(world.text).toBe("connected ready");
});
