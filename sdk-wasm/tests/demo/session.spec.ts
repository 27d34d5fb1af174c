import { expect, test } from "../src/stage.ts";

test("signing out leaves nothing of one's data, and somebody else sees their own", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await lee.say("Only for Ana and me");
  await expect(lee.message("Only for Ana").locator(".mark")).toHaveText("Sent");
  await lee.page.getByRole("button", { name: "Sign out" }).click();
  await expect(lee.page.getByRole("heading", { name: "Signed out" })).toBeVisible();
  await expect(lee.message("Only for Ana")).toHaveCount(0);
  const here = `${stage.server.url}/v1/users/dr-lee`;
  const token = await stage.server.token("ehr", "service");
  await expect
    .poll(async () => {
      const answer = await fetch(here, { headers: { authorization: `Bearer ${token}` } });
      return ((await answer.json()) as { connected: boolean }).connected;
    })
    .toBe(false);
  await lee.page.getByRole("button", { name: "Sign in as Dr. Lee" }).click();
  await expect(lee.message("Only for Ana")).toBeVisible();
});

test("a phone changes hands", async ({ stage }) => {
  const phone = await stage.arrive("dr-lee,ana", { viewport: { width: 390, height: 844 } });
  const pane = phone.page.locator(".pane");
  await expect(pane).toHaveAttribute("data-person", "dr-lee");
  await phone.say("From the doctor");
  await expect(phone.message("From the doctor").locator(".mark")).toHaveText("Sent");
  await phone.page.getByRole("button", { name: "Ana" }).click();
  await expect(pane).toHaveAttribute("data-person", "ana");
  await expect(phone.message("From the doctor")).toHaveAttribute("data-own", "false");
  // Nothing sticks out of the screen.
  const overflow = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

test("an administrator ends the connection", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await stage.server.backend("POST", "/v1/users/dr-lee/disconnect", {});
  await expect(lee.page.getByRole("alert")).toContainText("An administrator has ended this connection.");
  await lee.page.getByRole("button", { name: "Sign in again" }).click();
  await lee.page.getByRole("button", { name: "Sign in as Dr. Lee" }).click();
  await expect(lee.connection).toHaveText("Connected");
});

test("StrictMode mounts twice and connects once", async ({ stage }) => {
  const sockets: string[] = [];
  const lee = await stage.arrive("dr-lee");
  lee.page.on("websocket", (socket) => sockets.push(socket.url()));
  await lee.page.reload();
  await expect(lee.connection).toHaveText("Connected");
  await lee.say("One socket");
  await expect(lee.message("One socket").locator(".mark")).toHaveText("Sent");
  expect(sockets).toHaveLength(1);
});

test("the tabs work by keyboard", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await lee.page.getByRole("tab", { name: "Chat" }).focus();
  await lee.page.keyboard.press("ArrowRight");
  await expect(lee.page.getByRole("tab", { name: "Visit" })).toBeFocused();
  await expect(lee.page.getByRole("button", { name: "Call Ana Ruiz" })).toBeVisible();
  await lee.page.keyboard.press("ArrowLeft");
  await expect(lee.composer).toBeVisible();
});
