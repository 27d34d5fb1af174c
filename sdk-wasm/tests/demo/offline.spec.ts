import { expect, test } from "../src/stage.ts";

test("the plug is pulled: the queue fills, and heals in order", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await lee.say("Hello");
  await expect(ana.message("Hello")).toBeVisible();

  await ana.network.click();
  await expect(ana.connection).toHaveAttribute("data-level", "waiting");
  await ana.say("I am in a tunnel");
  await ana.say("Can you read this?");
  await expect(ana.queue).toHaveText("2 waiting");
  await expect(ana.message("I am in a tunnel").locator(".mark")).toHaveText("Waiting");
  await expect(ana.composer).toBeEnabled();
  await lee.say("Your results are in.");
  await lee.say("They look good.");
  await expect(lee.message("They look good.").locator(".mark")).toHaveText("Sent");

  await ana.network.click();
  await expect(ana.connection).toHaveText("Connected");
  await expect(ana.queue).toBeHidden();
  await expect(ana.page.getByText("2 new while you were away")).toBeVisible();
  const said = ["Hello", "Your results are in.", "They look good.", "I am in a tunnel", "Can you read this?"];
  for (const person of [lee, ana]) {
    await expect(person.page.locator(".message .bubble p")).toHaveText(said);
  }
});

test("the browser goes offline and comes back", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await ana.context.setOffline(true);
  await expect(ana.connection).toHaveText("Offline");
  await ana.say("Written offline");
  await expect(ana.queue).toHaveText("1 waiting");
  await ana.context.setOffline(false);
  await expect(ana.connection).toHaveText("Connected");
  await expect(lee.message("Written offline")).toHaveCount(1);
  await expect(ana.message("Written offline")).toHaveCount(1);
  await expect(ana.queue).toBeHidden();
});

test("the server is killed and started again: nothing lost, nothing doubled", async ({ stage }) => {
  const lee = await stage.arrive("dr-lee");
  const ana = await stage.arrive("ana");
  await lee.say("Before");
  await expect(ana.message("Before")).toBeVisible();

  await stage.server.kill();
  for (const person of [lee, ana]) {
    await expect(person.connection).toHaveAttribute("data-level", "waiting");
  }
  await lee.say("While it is away, from Lee");
  await ana.say("While it is away, from Ana");
  await expect(lee.queue).toHaveText("1 waiting");
  await expect(ana.queue).toHaveText("1 waiting");

  // While it is away: once it is back, the client may be the first.
  await lee.page.getByRole("button", { name: "Retry now" }).click();
  await stage.server.start();
  for (const person of [lee, ana]) {
    await expect(person.connection).toHaveText("Connected");
    await expect(person.queue).toBeHidden();
    await expect(person.page.locator(".message")).toHaveCount(3);
    await expect(person.message("from Lee")).toHaveCount(1);
    await expect(person.message("from Ana")).toHaveCount(1);
  }
  await ana.say("After");
  await expect(lee.message("After").locator("p")).toHaveText("After");
});
