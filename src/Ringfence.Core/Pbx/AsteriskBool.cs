namespace Ringfence.Core.Pbx;

/// <summary>What Asterisk takes for yes and no in its files: main/utils.c, ast_true and ast_false, which compare by strcasecmp.</summary>
internal static class AsteriskBool
{
    /// <returns>null: neither, and Asterisk keeps its default.</returns>
    public static bool? Parse(string? value) => value?.ToLowerInvariant() switch
    {
        "yes" or "true" or "y" or "t" or "1" or "on" => true,
        "no" or "false" or "n" or "f" or "0" or "off" => false,
        _ => null,
    };

    public static bool IsTrue(string? value) => Parse(value) is true;
}
