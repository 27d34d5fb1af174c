import { expect, test } from "../src/stage.ts";

test("they talk: receipts, typing, presence, reactions, edits", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  await expect(lee.page.getByTestId("presence")).toHaveText("offline");
  const ana = await stage.arrive("ana");
  await expect(lee.page.getByTestId("presence")).toHaveText("online");

  await lee.say("Good morning, Ana.");
  await expect(ana.message("Good morning, Ana.")).toBeVisible();
  await expect(lee.message("Good morning").locator(".mark")).toHaveText("Read");
  await expect(lee.message("Good morning").getByText("Read by Ana Ruiz")).toBeVisible();

  await ana.composer.pressSequentially("Well, thank yu");
  await expect(lee.page.getByText("Ana Ruiz is typing")).toBeVisible();
  await ana.composer.press("Enter");
  await expect(lee.page.getByText("Ana Ruiz is typing")).toBeHidden();

  const own = ana.message("Well, thank yu");
  await own.hover();
  await own.getByRole("button", { name: "Edit" }).click();
  await ana.page.getByRole("textbox", { name: "Change the message" }).fill("Well, thank you");
  await ana.page.keyboard.press("Enter");
  const edited = lee.message("Well, thank you");
  await expect(edited).toContainText("edited");

  await edited.hover();
  await edited.getByRole("button", { name: "React with 👍" }).click();
  await expect(ana.message("Well, thank you").getByRole("button", { name: "👍 by Dr. Lee" })).toBeVisible();

  await ana.open("Chart");
  await lee.say("Are you still there?");
  await expect(lee.message("Are you still there?").locator(".mark")).toHaveText("Delivered");
  await expect(ana.page.getByRole("tab", { name: "Chat" })).toContainText("1");
  await ana.open("Chat");
  await expect(lee.message("Are you still there?").locator(".mark")).toHaveText("Read");

  await ana.open("Today");
  await ana.page.getByRole("button", { name: "busy" }).click();
  await expect(lee.page.getByTestId("presence")).toHaveText("busy");
});
