import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The package is a neighbouring folder with a React of its own for its tests.
  resolve: { dedupe: ["react", "react-dom"] },
  // `npm run dev` beside a running `cargo xtask demo`.
  server: {
    proxy: {
      "/ws": { target: "http://127.0.0.1:9003", ws: true },
      "/dev": "http://127.0.0.1:9003",
      "/clinic": "http://127.0.0.1:9003",
    },
  },
});
