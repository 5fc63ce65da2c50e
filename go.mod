module cria

go 1.26
