# Runs one of the hooks beside this file with whatever Python there is: run.ps1 postprovision
param([Parameter(Mandatory = $true)][string]$Hook)
$script = Join-Path $PSScriptRoot "$Hook.py"
foreach ($python in 'python', 'py', 'python3') {
    if (-not (Get-Command $python -ErrorAction SilentlyContinue)) { continue }
    # Windows has a placeholder named python that only opens the store: it fails this.
    & $python -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>$null
    if ($LASTEXITCODE -ne 0) { continue }
    & $python $script
    exit $LASTEXITCODE
}
Write-Error "Python 3.9 or newer is needed for the hook $Hook, and azd needs it too."
exit 1
