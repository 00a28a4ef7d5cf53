namespace Ringfence;

/// <summary>What a file system answers where it refuses: not there, not allowed, full, gone.</summary>
internal static class FileTrouble
{
    /// <summary>For a filter of exceptions: .NET says "not allowed" by a family of its own.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException;
}
