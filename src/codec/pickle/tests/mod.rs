mod bridge;
mod golden;
mod hostile;
mod oracle;
mod render;
mod rules;
mod speed;
