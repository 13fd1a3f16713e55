mod golden;
mod render;
