using System.Text;
using Ringfence.Core.Knock;

namespace Ringfence.Core.Gate;

/// <summary>The PINs of extensions, hashed: a line each, "EXTENSION HASH".</summary>
internal sealed class PinBook
{
    public const int LeastDigits = 4;
    public const int MostDigits = 12;

    private readonly SortedDictionary<string, PagePassword> _pins = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Extensions => _pins.Keys;

    public bool Has(string extension) => _pins.ContainsKey(extension);

    /// <exception cref="FormatException">A line is none.</exception>
    public static PinBook Parse(string text)
    {
        var book = new PinBook();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.Trim() is "" or ['#', ..])
            {
                continue;
            }

            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var extension, var hash] || !IsExtension(extension) || PagePassword.Parse(hash) is not { } pin)
            {
                throw new FormatException($"line {number}: expected an extension and what `ringfence calls pin set` made of its PIN; set it again");
            }

            book._pins[extension] = pin;
        }

        return book;
    }

    /// <summary>As the file has it.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder("# PINs of extensions, hashed: ringfence calls pin set EXTENSION\n");
            foreach (var (extension, pin) in _pins)
            {
                text.Append(extension).Append(' ').Append(pin.Text).Append('\n');
            }

            return text.ToString();
        }
    }

    public static bool IsExtension(string name) => name.Length is > 0 and <= 40 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <returns>What is wrong with it; null: nothing.</returns>
    public static string? WrongPin(string pin, string extension) =>
        pin.Length is < LeastDigits or > MostDigits || !pin.All(char.IsAsciiDigit) ? $"expected {LeastDigits} to {MostDigits} digits"
        : pin == extension || pin.All(digit => digit == pin[0]) || "01234567890123456789".Contains(pin, StringComparison.Ordinal) || "98765432109876543210".Contains(pin, StringComparison.Ordinal)
            ? "that one is tried first: expected one that is neither the extension, nor one digit again and again, nor digits in a row"
        : null;

    /// <param name="salt">Random, <see cref="PagePassword.SaltBytes"/>.</param>
    public void Set(string extension, string pin, ReadOnlySpan<byte> salt) => _pins[extension] = PagePassword.Of(pin, salt);

    public bool Remove(string extension) => _pins.Remove(extension);

    /// <summary>What tells an extension's PIN from the one that it had before; of one without a PIN the extension.</summary>
    public string Key(string extension) => _pins.TryGetValue(extension, out var pin) ? $"{extension} {pin.Text}" : extension;

    /// <summary>Takes as long for an extension that has none.</summary>
    public bool Fits(string extension, string typed) => _pins.GetValueOrDefault(extension, PagePassword.Nobodys).Fits(typed) && _pins.ContainsKey(extension);
}
