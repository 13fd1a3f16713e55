mod bridge;
mod golden;
mod herd;
mod hostile;
mod oracle;
mod render;
mod rules;
mod speed;
