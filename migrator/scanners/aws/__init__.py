"""What starts Lambdas: CDK, CloudFormation and SAM, the Serverless Framework, and how their handlers are named."""
