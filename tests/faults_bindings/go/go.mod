module faults

go 1.21

require djredis v0.0.0

replace djredis => ../../../bindings/go
