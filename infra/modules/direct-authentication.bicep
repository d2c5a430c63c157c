metadata description = 'App Service Authentication in front of the direct gateway: the platform checks Entra tokens before the code is asked.'

import { directSettings } from '../types.bicep'

@description('Name of the function app.')
param appName string

@description('Whose tokens are taken.')
param direct directSettings

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
      runtimeVersion: '~1'
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Callers of these bring a token of the gateway's own, which the code checks; to the platform it is no token at all.
      excludedPaths: ['/api/health', '/api/v1/realtime/calls', '/api/v1/realtime/calls/*']
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: direct.clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: direct.audiences
          defaultAuthorizationPolicy: {
            allowedApplications: direct.applications
          }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}
