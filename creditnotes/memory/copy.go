package memory

import (
	"reflect"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// copied returns a deep copy: what is behind pointers, slices and maps is copied
// as well. Fields that are not exported are copied as they are.
func copied[T any](value T) T {
	return copyOf(reflect.ValueOf(&value).Elem()).Interface().(T)
}

func copyOf(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		to := reflect.New(v.Type().Elem())
		to.Elem().Set(copyOf(v.Elem()))
		return to
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		to := reflect.New(v.Type()).Elem()
		to.Set(copyOf(v.Elem()))
		return to
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		if isFlat(v.Type().Elem()) {
			reflect.Copy(to, v)
			return to
		}
		for i := range v.Len() {
			to.Index(i).Set(copyOf(v.Index(i)))
		}
		return to
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries := v.MapRange(); entries.Next(); {
			to.SetMapIndex(entries.Key(), copyOf(entries.Value()))
		}
		return to
	case reflect.Struct:
		return copyOfStruct(v)
	}
	return v
}

func copyOfStruct(v reflect.Value) reflect.Value {
	to := reflect.New(v.Type()).Elem()
	to.Set(v)
	if v.Type() == timeType {
		return to
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && !isFlat(field.Type) {
			to.Field(i).Set(copyOf(v.Field(i)))
		}
	}
	return to
}

// isFlat reports whether a value of a type holds nothing behind a pointer.
func isFlat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Struct, reflect.Array:
		return t == timeType
	}
	return true
}
