import { useMe } from "../clinic/me";
import { NoteEditor } from "./NoteEditor";
import { NoteReader } from "./NoteReader";
import { ReportCard } from "./ReportCard";
import { Viewers } from "./Viewers";
import { Vitals } from "./Vitals";

/** Ana's chart: hers to read, her care team's to write. */
export function Chart() {
  const patient = useMe().role === "patient";
  return (
    <div className="cards">
      {!patient && <Viewers />}
      <Vitals />
      {patient ? <NoteReader /> : <NoteEditor />}
      <ReportCard />
    </div>
  );
}
