import HtmlWebpackPlugin from "html-webpack-plugin";

export default {
  entry: "./main.js",
  output: { clean: true, filename: "[name].[contenthash].js" },
  plugins: [new HtmlWebpackPlugin()],
};
