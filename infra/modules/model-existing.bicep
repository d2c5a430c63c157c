metadata description = 'Reads a model account that is there already. Its deployments are its owner\'s affair.'

@description('Name of the account.')
param name string

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' existing = {
  name: name
}

@description('Endpoint for REALTIME_ENDPOINT.')
output endpoint string = 'https://${account.properties.customSubDomainName}.openai.azure.com'

@description('Region, as the firewall\'s service tag has it: small letters, no spaces.')
output location string = toLower(replace(account.location, ' ', ''))
