import { createContext, useContext } from "react";
import { ANA, type Person } from "./people";

/** Whose pane this is. */
export const Me = createContext<Person>(ANA);

export function useMe(): Person {
  return useContext(Me);
}
