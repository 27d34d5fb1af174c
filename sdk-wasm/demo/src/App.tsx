import { useState } from "react";
import { ANA, KIM, LEE, PEOPLE, type Person } from "./clinic/people";
import { Desk } from "./shell/Desk";
import { Pane } from "./shell/Pane";
import { PersonSwitch } from "./shell/PersonSwitch";
import { ThemeSwitch } from "./shell/ThemeSwitch";
import { useNarrow } from "./ui/useNarrow";

/** `?as=dr-lee,nurse-kim` chooses whose panes there are. */
function chosen(): readonly Person[] {
  const names = new URLSearchParams(location.search).get("as")?.split(",") ?? [];
  const people = PEOPLE.filter((person) => names.includes(person.id));
  return people.length > 0 ? people : [LEE, ANA];
}

/** Two people side by side, or one and a switch where there is no room for two. */
export function App() {
  const [people] = useState(chosen);
  const [current, setCurrent] = useState(people[0] ?? KIM);
  const narrow = useNarrow();
  const shown = narrow ? [current] : people;
  return (
    <div className="app">
      <header className="topbar">
        <h1 className="brand">
          <img src="/icon.svg" alt="" width="24" height="24" /> Carewire clinic
        </h1>
        {narrow && people.length > 1 && (
          <PersonSwitch people={people} current={current} onChange={setCurrent} />
        )}
        <Desk />
        <ThemeSwitch />
      </header>
      <main className="panes">
        {shown.map((person) => (
          <Pane key={person.id} person={person} />
        ))}
      </main>
    </div>
  );
}
