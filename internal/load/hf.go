package load

import "errors"

func (m *Model) openHF() error {
	return m.named(errors.New("load: folders of Hugging Face are not read yet"))
}
