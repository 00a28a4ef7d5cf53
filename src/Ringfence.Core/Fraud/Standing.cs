namespace Ringfence.Core.Fraud;

/// <summary>How well a call's country is known where it comes from.</summary>
internal enum Standing
{
    /// <summary>The extension calls there as a habit; or nobody has watched for long enough to say.</summary>
    Known,

    /// <summary>Others at the site do.</summary>
    NewToExtension,

    /// <summary>Nobody does.</summary>
    NewToSite,
}
