mod golden;
mod hostile;
mod render;
mod rules;
