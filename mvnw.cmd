@echo off
rem Runs Maven with the JDK in JAVA_HOME, which must be 25 or later (checked by the build): mvnw verify
setlocal
if not defined JAVA_HOME (
  echo mvnw: set JAVA_HOME to a JDK 25 or later, for example Eclipse Temurin 25. 1>&2
  exit /b 1
)
set "MVN=mvn"
if defined MAVEN_HOME set "MVN=%MAVEN_HOME%\bin\mvn"
where /q "%MVN%" 2>nul || if not exist "%MVN%.cmd" (
  echo mvnw: no Maven found in MAVEN_HOME or PATH. Install version 3.8.7 or later. 1>&2
  exit /b 1
)
set "COMMIT=unknown"
for /f %%c in (git -C "%~dp0." describe --always --dirty --abbrev^=12 "--exclude=*" 2^>nul) do set "COMMIT=%%c"
call "%MVN%" -f "%~dp0pom.xml" "-Dbuild.commit=%COMMIT%" %*
