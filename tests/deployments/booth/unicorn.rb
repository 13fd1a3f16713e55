# frozen_string_literal: true

preload_app true
worker_processes 3
timeout 60
