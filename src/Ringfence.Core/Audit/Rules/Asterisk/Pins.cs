using Ringfence.Core.Audit.Rules.Passwords;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Numbers that are typed on a telephone for a secret.</summary>
internal static class Pins
{
    private static readonly HashSet<string> First = ["1234", "0000", "1111", "2222", "3333", "4444", "5555", "6666", "7777", "8888", "9999", "4321", "12345", "123456", "00000", "000000", "1212", "2580", "1122", "0123"];

    /// <param name="number">What one dials to be asked for it.</param>
    /// <returns>null: it is not guessed at once. Never what it is.</returns>
    public static string? Wrong(string pin, string number) =>
        pin == number ? "its PIN is its number"
            : First.Contains(pin) || PasswordRuns.Predictable(pin) == pin.Length || IsDoubled(pin) ? "its PIN is one of those that are tried first"
            : pin.Length < 4 ? "its PIN has less than four digits"
            : null;

    // 4242, 731731.
    private static bool IsDoubled(string pin) => pin.Length >= 4 && pin.Length % 2 == 0 && pin[..(pin.Length / 2)] == pin[(pin.Length / 2)..];
}
