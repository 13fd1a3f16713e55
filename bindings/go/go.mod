module djredis

go 1.21
