output "address" {
  description = "Host name of the database."
  value       = aws_db_instance.database.address
}

output "database_url" {
  description = "For CLOUDOPTIM_DATABASE_URL; the password belongs into PGPASSWORD."
  value       = "postgresql://cloudoptim@${aws_db_instance.database.address}:5432/${aws_db_instance.database.db_name}?sslmode=verify-full&sslrootcert=/database-ca/ca.pem"
}

output "admin_secret_arn" {
  description = "Secret with name and password of cloudoptim_admin, who makes the user cloudoptim."
  value       = aws_db_instance.database.master_user_secret[0].secret_arn
}
